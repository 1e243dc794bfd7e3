-- The house: authorities, cases, keys and the ledger.
--
-- In clear stand only ids, authority, file number, rights, state, dates, unit,
-- assignee, outcome and ground ids; everything else about a case is sealed.
-- Every table about a case has row-level security that is strict: without
-- einsicht.authority a query fails, because "nothing found" is an answer with
-- legal effect.

-- +goose Up
-- +goose StatementBegin
create schema if not exists keys;

create table authority (
  id         uuid primary key,
  slug       text not null unique,
  name       text not null,
  land       text not null check (land in ('NW', 'NI')),
  created_at timestamptz not null
);

create table staff (
  id           uuid primary key,
  authority_id uuid not null references authority,
  name         text not null,
  role         text not null,
  password     text not null default '',
  invite_hash  bytea unique,
  invite_until timestamptz,
  disabled_at  timestamptz,
  created_at   timestamptz not null,
  unique (authority_id, name)
);

create table session (
  hash       bytea primary key,
  sealed     bytea not null,
  created_at timestamptz not null,
  seen_at    timestamptz not null
);
create index on session (seen_at);

create table throttle (
  key   bytea primary key,
  count integer not null,
  until timestamptz not null,
  at    timestamptz not null
);

create table inventory (
  id           uuid primary key,
  authority_id uuid not null references authority,
  sha256       bytea not null,
  source       text not null,
  imported_at  timestamptz not null,
  imported_by  uuid not null
);
create index on inventory (authority_id, imported_at desc);

create table inventory_confirmation (
  authority_id uuid not null references authority,
  system_id    text not null,
  sha256       bytea not null,
  by_staff     uuid not null,
  at           timestamptz not null,
  primary key (authority_id, system_id, sha256)
);

create table casefile (
  id              uuid primary key,
  authority_id    uuid not null references authority,
  file_number     text not null,
  state           text not null,
  received_at     timestamptz not null,
  received_on     date not null,
  inventory_id    uuid not null references inventory,
  due_on          date,
  warn_on         date,
  sort_on         date not null,
  rests_since     date,
  unit            text not null default '',
  assignee        uuid,
  notified_at     timestamptz,
  delivered_at    timestamptz,
  effective_on    date,
  available_until timestamptz,
  closed_at       timestamptz,
  gaps_accepted   boolean not null default false,
  token_hash      bytea not null,
  access_mac      bytea not null,
  sealed          bytea not null,
  unique (authority_id, file_number),
  unique (authority_id, token_hash),
  unique (id, authority_id)
);
create index on casefile (authority_id, sort_on, file_number);

create table case_right (
  case_id      uuid not null,
  authority_id uuid not null,
  right_name   text not null,
  outcome      text not null default '',
  decided_by   uuid,
  decided_at   timestamptz,
  due_on       date,
  sealed       bytea,
  primary key (case_id, right_name),
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);

create table happening (
  id           uuid primary key,
  case_id      uuid not null,
  authority_id uuid not null,
  kind         text not null,
  at           timestamptz not null,
  on_day       date,
  actor        uuid not null,
  sealed       bytea,
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);
create index on happening (case_id, at);

create table identifier (
  id           uuid primary key,
  case_id      uuid not null,
  authority_id uuid not null,
  verified_at  timestamptz,
  verified_by  uuid,
  sealed       bytea not null,
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);
create index on identifier (case_id);

create table inquiry (
  id           uuid primary key,
  case_id      uuid not null,
  authority_id uuid not null,
  system_id    text not null,
  state        text not null,
  early        boolean not null default false,
  asked_at     timestamptz not null,
  answered_at  timestamptz,
  sealed       bytea,
  unique (case_id, system_id),
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);

create table finding (
  id             uuid primary key,
  case_id        uuid not null,
  authority_id   uuid not null,
  system_id      text not null,
  reference_hash bytea not null,
  found_at       timestamptz not null,
  verdict        text not null default '' check (verdict in ('', 'give', 'withhold', 'not-this-person')),
  decided_by     uuid,
  decided_at     timestamptz,
  sealed         bytea not null,
  decision       bytea,
  unique (case_id, system_id, reference_hash),
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);

create table task (
  id           uuid primary key,
  case_id      uuid not null,
  authority_id uuid not null,
  kind         text not null,
  system_id    text not null default '',
  unit         text not null default '',
  created_at   timestamptz not null,
  due_on       date,
  done_at      timestamptz,
  done_by      uuid,
  unique (case_id, kind, system_id),
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);

create table package (
  id           uuid primary key,
  case_id      uuid not null,
  authority_id uuid not null,
  state        text not null,
  created_at   timestamptz not null,
  built_at     timestamptz,
  sealed       bytea,
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);
create index on package (case_id);

-- A code sent to a contact that stood in a source before the request.
create table contact_check (
  id            uuid primary key,
  case_id       uuid not null,
  authority_id  uuid not null,
  identifier_id uuid not null references identifier on delete cascade,
  sent_by       uuid not null,
  created_at    timestamptz not null,
  expires_at    timestamptz not null,
  done_at       timestamptz,
  code_mac      bytea not null,
  sealed        bytea not null,
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);
create index on contact_check (case_id);

-- Keys. A backup of the data leaves this schema out, so that shredding a key
-- shreds the case in every backup too.
create table keys.case_key (
  case_id         uuid primary key,
  authority_id    uuid not null,
  wrapped         bytea not null,
  public          bytea not null,
  wrapped_private bytea not null
);

create table keys.search_token (
  authority_id uuid not null,
  case_id      uuid not null,
  kind         text not null,
  hash         bytea not null,
  primary key (authority_id, kind, hash, case_id)
);
create index on keys.search_token (case_id);

create table keys.authority_key (
  authority_id uuid not null,
  purpose      text not null,
  wrapped      bytea not null,
  primary key (authority_id, purpose)
);

-- The ledger: entries, what they say (sealed), and their order as a tree.
create table ledger_entry (
  id           uuid primary key,
  authority_id uuid not null references authority,
  year         integer not null,
  at           timestamptz not null,
  kind         text not null,
  case_id      uuid,
  actor        bytea not null,
  digest       bytea not null,
  xid          xid8 not null default pg_current_xact_id()
);
create index on ledger_entry (authority_id, year, xid);

create table ledger_detail (
  entry_id     uuid primary key references ledger_entry,
  authority_id uuid not null,
  case_id      uuid,
  sealed       bytea not null
);

create table ledger_leaf (
  authority_id uuid not null,
  year         integer not null,
  index        bigint not null,
  entry_id     uuid not null unique,
  primary key (authority_id, year, index)
);

create table ledger_hash (
  authority_id uuid not null,
  year         integer not null,
  index        bigint not null,
  hash         bytea not null,
  primary key (authority_id, year, index)
);

create table ledger_checkpoint (
  authority_id uuid not null,
  year         integer not null,
  size         bigint not null,
  at           timestamptz not null,
  note         bytea not null,
  primary key (authority_id, year, size)
);

-- Row-level security for all that belongs to one authority.
do $$
declare t regclass;
begin
  foreach t in array array['inventory', 'inventory_confirmation', 'casefile', 'case_right', 'happening', 'identifier', 'inquiry',
    'finding', 'task', 'package', 'contact_check', 'keys.case_key', 'keys.search_token',
    'ledger_entry', 'ledger_detail', 'ledger_leaf', 'ledger_hash', 'ledger_checkpoint']::regclass[]
  loop
    execute format('alter table %s enable row level security', t);
    execute format('alter table %s force row level security', t);
    execute format('create policy authority on %s using (authority_id = current_setting(''einsicht.authority'')::uuid)', t);
  end loop;
end $$;
-- +goose StatementEnd

-- +goose Down
drop schema keys cascade;
drop table ledger_checkpoint, ledger_hash, ledger_leaf, ledger_detail, ledger_entry, contact_check, package, task, finding, inquiry,
  identifier, happening, case_right, casefile, inventory_confirmation, inventory, throttle, session, staff, authority;
