DROP INDEX notifications_held_back;
