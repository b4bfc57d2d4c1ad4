DROP TABLE case_tags;
DROP TABLE tag_names;
DROP TABLE tags;
