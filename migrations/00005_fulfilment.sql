-- What a decision changes in systems: its plan, the measures, and what was erased,
-- known by keyed hashes alone, so that a system restored from a backup can be
-- cleansed again.

-- +goose Up
-- +goose StatementBegin
create table plan (
  id           uuid primary key,
  case_id      uuid not null unique,
  authority_id uuid not null,
  made_at      timestamptz not null,
  made_by      uuid not null,
  fixed_at     timestamptz,
  fixed_by     uuid,
  ended_at     timestamptz,
  hash         bytea,
  sealed       bytea, -- what the hash covers
  unique (id, case_id),
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);

create table measure (
  id           uuid primary key,
  plan_id      uuid not null,
  case_id      uuid not null,
  authority_id uuid not null,
  system_id    text not null,
  finding_id   uuid references finding on delete cascade,
  right_name   text not null,
  ability      text not null check (ability in ('erase', 'rectify', 'restrict')),
  state        text not null check (state in ('rehearsing', 'planned', 'acting', 'unit', 'asks', 'done', 'stays')),
  acted_at     timestamptz,
  done_at      timestamptz,
  done_by      uuid,
  sealed       bytea not null,
  foreign key (plan_id, case_id) references plan (id, case_id) on delete cascade,
  foreign key (case_id, authority_id) references casefile (id, authority_id) on delete cascade
);
create index on measure (case_id, system_id);

-- Outlives the case.
create table erasure (
  authority_id   uuid not null references authority,
  system_id      text not null,
  reference_hash bytea not null,
  erased_at      timestamptz not null,
  expires_on     date,
  primary key (authority_id, system_id, reference_hash)
);

do $$
declare t regclass;
begin
  foreach t in array array['plan', 'measure', 'erasure']::regclass[]
  loop
    execute format('alter table %s enable row level security', t);
    execute format('alter table %s force row level security', t);
    execute format('create policy authority on %s using (authority_id = current_setting(''einsicht.authority'')::uuid)', t);
  end loop;
end $$;
-- +goose StatementEnd

-- +goose Down
drop table erasure, measure, plan;
