CREATE TABLE users (uid bigint PRIMARY KEY, uuid varchar(128) NOT NULL, langcode varchar(12) NOT NULL);

CREATE TABLE users_field_data (
  uid                bigint NOT NULL,
  langcode           varchar(12) NOT NULL,
  preferred_langcode varchar(12),
  name               varchar(60) NOT NULL,
  pass               varchar(255),
  mail               varchar(254),
  timezone           varchar(32),
  status             smallint,
  created            integer NOT NULL,
  changed            integer,
  access             integer NOT NULL,
  login              integer,
  init               varchar(254),
  default_langcode   smallint NOT NULL,
  PRIMARY KEY (uid, langcode)
);

CREATE TABLE user__roles (
  entity_id       bigint NOT NULL,
  deleted         smallint NOT NULL,
  delta           bigint NOT NULL,
  langcode        varchar(32) NOT NULL,
  bundle          varchar(128) NOT NULL,
  revision_id     bigint NOT NULL,
  roles_target_id varchar(255) NOT NULL,
  PRIMARY KEY (entity_id, deleted, delta, langcode)
);

CREATE TABLE comment_field_data (
  cid              bigint NOT NULL,
  langcode         varchar(12) NOT NULL,
  comment_type     varchar(32) NOT NULL,
  status           smallint NOT NULL,
  uid              bigint NOT NULL,
  pid              bigint,
  entity_id        bigint,
  subject          varchar(64),
  name             varchar(60),
  mail             varchar(254),
  homepage         varchar(255),
  hostname         varchar(128),
  created          integer NOT NULL,
  changed          integer,
  thread           varchar(255) NOT NULL,
  entity_type      varchar(32) NOT NULL,
  field_name       varchar(32) NOT NULL,
  default_langcode smallint NOT NULL,
  PRIMARY KEY (cid, langcode)
);

CREATE TABLE comment__comment_body (
  entity_id           bigint NOT NULL,
  deleted             smallint NOT NULL,
  delta               bigint NOT NULL,
  langcode            varchar(32) NOT NULL,
  bundle              varchar(128) NOT NULL,
  revision_id         bigint NOT NULL,
  comment_body_value  text NOT NULL,
  comment_body_format varchar(255),
  PRIMARY KEY (entity_id, deleted, delta, langcode)
);

CREATE TABLE webform_submission (
  sid          bigint PRIMARY KEY,
  webform_id   varchar(32) NOT NULL,
  uuid         varchar(128) NOT NULL,
  langcode     varchar(12) NOT NULL,
  serial       integer,
  token        varchar(255),
  uri          varchar(2000),
  created      integer,
  completed    integer,
  changed      integer,
  in_draft     smallint,
  current_page varchar(128),
  remote_addr  varchar(128),
  uid          bigint,
  entity_type  varchar(32),
  entity_id    varchar(255),
  locked       smallint,
  sticky       smallint,
  notes        text
);

CREATE TABLE webform_submission_data (
  sid        bigint NOT NULL,
  name       varchar(128) NOT NULL,
  property   varchar(128) NOT NULL,
  delta      bigint NOT NULL,
  webform_id varchar(32) NOT NULL,
  value      text,
  PRIMARY KEY (sid, name, property, delta)
);
