CREATE TABLE subscriber (
  subscriber_id bigint PRIMARY KEY,
  email         varchar(254) NOT NULL,
  username      varchar(60),
  consented_at  timestamptz NOT NULL,
  blocked       boolean NOT NULL DEFAULT false
);

CREATE TABLE newsletter (code varchar(20) PRIMARY KEY, title varchar(100) NOT NULL);
INSERT INTO newsletter VALUES ('landesportal', 'Neues aus dem Landesportal'), ('europa', 'Europa-Rundbrief'),
  ('medien', 'Medienland'), ('sport', 'Sport im Land');

CREATE TABLE subscription (
  subscriber_id   bigint NOT NULL REFERENCES subscriber ON DELETE CASCADE,
  newsletter_code varchar(20) NOT NULL REFERENCES newsletter,
  since           date NOT NULL,
  PRIMARY KEY (subscriber_id, newsletter_code)
);
