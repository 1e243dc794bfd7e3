-- How an authority's systems are reached, as entered at the control pages, with
-- what came of trying it; which systems have a file instead; and secrets, sealed
-- for processes that ask systems. And when the unit of a task was last reminded.

-- +goose Up
-- +goose StatementBegin
create table connection (
  authority_id  uuid not null references authority,
  system_id     text not null,
  kind          text not null,
  state         text not null check (state in ('draft', 'on', 'off')),
  draft         bytea not null,
  draft_version text not null,
  live          bytea,
  live_version  text not null default '',
  changed_at    timestamptz not null,
  changed_by    uuid not null,
  primary key (authority_id, system_id)
);

create table connection_file (
  authority_id uuid not null references authority,
  system_id    text not null,
  kind         text not null,
  version      text not null,
  hosts        text not null, -- that it reaches, with blanks between
  seen_at      timestamptz not null,
  primary key (authority_id, system_id)
);

create table connection_trial (
  id           uuid primary key,
  authority_id uuid not null references authority,
  system_id    text not null,
  version      text not null,
  kind         text not null check (kind in ('test', 'try')),
  created_at   timestamptz not null,
  created_by   uuid not null,
  expires_at   timestamptz,
  done_at      timestamptz,
  outcome      text not null default '',
  query        bytea,
  result       bytea
);
create index on connection_trial (authority_id, system_id);

create table source_secret (
  authority_id uuid not null references authority,
  system_id    text not null,
  name         text not null,
  sealed       bytea not null, -- to the hosts that the system was reached at
  changed_at   timestamptz not null,
  changed_by   uuid not null,
  primary key (authority_id, system_id, name)
);

alter table task add column reminded_at timestamptz;

do $$
declare t regclass;
begin
  foreach t in array array['connection', 'connection_file', 'connection_trial', 'source_secret']::regclass[]
  loop
    execute format('alter table %s enable row level security', t);
    execute format('alter table %s force row level security', t);
    execute format('create policy authority on %s using (authority_id = current_setting(''einsicht.authority'')::uuid)', t);
  end loop;
end $$;
-- +goose StatementEnd

-- +goose Down
alter table task drop column reminded_at;
drop table source_secret, connection_trial, connection_file, connection;
