DROP INDEX notifications_unsent;
