-- The checks say the same as before.
SELECT 1;
