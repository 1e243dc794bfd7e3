-- The sequencer looks for what came since its last look, in whatever year.

-- +goose Up
drop index ledger_entry_authority_id_year_xid_idx;
create index on ledger_entry (authority_id, xid);

-- +goose Down
drop index ledger_entry_authority_id_xid_idx;
create index on ledger_entry (authority_id, year, xid);
