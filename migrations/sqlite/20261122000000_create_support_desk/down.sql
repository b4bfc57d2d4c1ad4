DROP TABLE notifications;
DROP TABLE escalations;
DROP TABLE attachments;
DROP TABLE updates;
DROP TABLE events;
DROP TABLE cases;
DROP TABLE staff_tokens;
DROP TABLE staff;
