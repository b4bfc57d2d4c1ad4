-- What staff were told of each service target, and when something is next to be done with the case by
-- itself.
ALTER TABLE cases
    ADD COLUMN first_response_alert text CHECK (first_response_alert IN ('WARNING', 'BREACH')),
    ADD COLUMN resolution_alert text CHECK (resolution_alert IN ('WARNING', 'BREACH')),
    ADD COLUMN next_target_at timestamptz;
-- A server of the version before says nothing of it: the cases that it opens are looked at at once.
ALTER TABLE cases ALTER COLUMN next_target_at SET DEFAULT now();
