CREATE TABLE subscriber (
  subscriber_id bigint PRIMARY KEY,
  email         varchar(254) NOT NULL,
  title         varchar(40),
  first_name    varchar(100),
  last_name     varchar(100),
  form_url      varchar(300),
  signup_ip     inet NOT NULL,
  signed_up_at  timestamptz NOT NULL,
  confirm_ip    inet,
  confirmed_at  timestamptz,
  blocked       boolean NOT NULL DEFAULT false
);

CREATE TABLE list (code varchar(20) PRIMARY KEY, name varchar(100) NOT NULL);
INSERT INTO list VALUES ('statistik', 'Statistik aktuell'), ('presse', 'Pressemitteilungen'), ('geodaten', 'Geodaten');

CREATE TABLE list_member (
  list_code     varchar(20) NOT NULL REFERENCES list,
  subscriber_id bigint NOT NULL REFERENCES subscriber ON DELETE CASCADE,
  since         timestamptz NOT NULL,
  PRIMARY KEY (list_code, subscriber_id)
);

CREATE TABLE bounce (
  bounce_id     bigint PRIMARY KEY,
  subscriber_id bigint NOT NULL REFERENCES subscriber ON DELETE CASCADE,
  kind          varchar(20) NOT NULL,
  server_reply  varchar(300) NOT NULL,
  bounced_at    timestamptz NOT NULL
);
