DROP INDEX notifications_event;
