-- A table that stays locked for 5 s fails the migration, which can be run again, instead of holding up
-- every request behind it.
SET LOCAL lock_timeout = '5s';

-- Tags of cases. One that was merged into another has no names any more.
CREATE TABLE tags (
    id uuid NOT NULL PRIMARY KEY,
    -- The name as it is shown.
    name text NOT NULL,
    -- The name without case, by which lists are sorted.
    folded text NOT NULL,
    merged_into uuid REFERENCES tags (id),
    created_at timestamptz NOT NULL
);

CREATE INDEX tags_folded ON tags (folded) WHERE merged_into IS NULL;
CREATE INDEX tags_merged_into ON tags (merged_into) WHERE merged_into IS NOT NULL;

-- The tag that has each name, or had it before. The name is added before the tag.
CREATE TABLE tag_names (
    folded text NOT NULL PRIMARY KEY,
    tag_id uuid NOT NULL REFERENCES tags (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX tag_names_tag_id ON tag_names (tag_id);

-- The tags of each case. Programs of the release before neither read nor write them, and leave those of a
-- case that they change as they are.
CREATE TABLE case_tags (
    tag_id uuid NOT NULL REFERENCES tags (id),
    case_id uuid NOT NULL REFERENCES cases (id),
    PRIMARY KEY (tag_id, case_id)
);

CREATE INDEX case_tags_case_id ON case_tags (case_id, tag_id);
