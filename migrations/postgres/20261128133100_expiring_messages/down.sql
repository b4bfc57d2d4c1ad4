DROP INDEX notifications_expiring;
