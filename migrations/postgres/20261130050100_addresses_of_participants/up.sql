-- The addresses of participants that were stored before. It reads all cases and locks none, so it is apart
-- from the creation of the table. A domain outside ASCII stays as it was given: lists search for each form.
INSERT INTO case_participant_addresses (case_id, address)
SELECT cases.id, lower((participant ->> 'email') COLLATE "C")
FROM cases, json_array_elements(cases.participants::json) AS participant
WHERE cases.participants IS NOT NULL AND (participant ->> 'state') NOT IN ('LEFT', 'REMOVED')
ON CONFLICT DO NOTHING;
