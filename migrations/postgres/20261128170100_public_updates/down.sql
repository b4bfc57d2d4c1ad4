DROP INDEX updates_public;
