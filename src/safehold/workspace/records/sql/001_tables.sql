-- Collections, their fields and records. Every key and index leads with tenant_id, so that the policies' one comparison
-- is always the first column of an index; every reference is composite, so that none can cross tenants.
--
-- Records keep one row each. Open fields lie in `open`, where the database can look at them. Fields of each sealed class
-- lie in one sealed blob: a reader who may not see a class never has its blob opened. What is looked for by sealed
-- values, or by words, is found through records_word and records_unique, which hold keyed tokens of them.

create table records_collection (
    tenant_id uuid not null,
    id uuid not null,
    key text not null check (key ~ '^[a-z][a-z0-9_-]{0,59}$'),
    label text not null,
    singular text not null,
    position int not null default 0,
    archived boolean not null default false,
    created_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, key)
);

-- `slot` says which of a record's columns s1 to s8 holds the field's sort key; fields that can't be sorted have none.
-- A slot serves one field at a time. References are open: a link that the database itself checks can't be sealed.
create table records_field (
    tenant_id uuid not null,
    id uuid not null,
    collection_id uuid not null,
    key text not null check (key ~ '^[A-Za-z][A-Za-z0-9_-]{0,59}$'),
    label text not null,
    type text not null check (type in ('text', 'number', 'date', 'choice', 'email', 'phone', 'reference')),
    class text not null check (class in ('open', 'confidential', 'personal', 'sensitive')),
    required boolean not null default false,
    "unique" boolean not null default false,
    indexed boolean not null default false,
    choices jsonb not null default '[]',
    target_id uuid,
    slot smallint check (slot between 1 and 8),
    position int not null default 0,
    primary key (tenant_id, id),
    unique (tenant_id, collection_id, key),
    unique (tenant_id, collection_id, slot),
    foreign key (tenant_id, collection_id) references records_collection (tenant_id, id),
    foreign key (tenant_id, target_id) references records_collection (tenant_id, id),
    check ((type = 'reference') = (target_id is not null)),
    check (type <> 'reference' or class = 'open'),
    check (slot is null or class = 'open')
);

-- `…_version` is the version at which a class's blob was sealed, and part of what its seal is bound to: an edit seals
-- only what it changes. `action` and `changed` say how the present version came about; records_version has the others.
create table records_record (
    tenant_id uuid not null,
    id uuid not null,
    collection_id uuid not null,
    department int not null default 0,
    version int not null default 1 check (version > 0),
    open jsonb not null default '{}',
    confidential bytea,
    personal bytea,
    sensitive bytea,
    confidential_version int not null default 1,
    personal_version int not null default 1,
    sensitive_version int not null default 1,
    s1 text collate "C",
    s2 text collate "C",
    s3 text collate "C",
    s4 text collate "C",
    s5 text collate "C",
    s6 text collate "C",
    s7 text collate "C",
    s8 text collate "C",
    created_at timestamptz not null,
    created_by text not null,
    updated_at timestamptz not null,
    updated_by text not null,
    action text not null check (action in ('created', 'imported', 'edited', 'deleted', 'restored')),
    changed text[] not null default '{}',
    deleted_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, collection_id) references records_collection (tenant_id, id)
);

-- Sealed bytes don't compress; trying would cost time on every long value.
alter table records_record alter confidential set storage external, alter personal set storage external,
    alter sensitive set storage external;

create index records_record_listed on records_record (tenant_id, collection_id, id);
create index records_record_trash on records_record (tenant_id, collection_id, id) where deleted_at is not null;
create index records_record_s1 on records_record (tenant_id, collection_id, s1, id) where s1 is not null;
create index records_record_s2 on records_record (tenant_id, collection_id, s2, id) where s2 is not null;
create index records_record_s3 on records_record (tenant_id, collection_id, s3, id) where s3 is not null;
create index records_record_s4 on records_record (tenant_id, collection_id, s4, id) where s4 is not null;
create index records_record_s5 on records_record (tenant_id, collection_id, s5, id) where s5 is not null;
create index records_record_s6 on records_record (tenant_id, collection_id, s6, id) where s6 is not null;
create index records_record_s7 on records_record (tenant_id, collection_id, s7, id) where s7 is not null;
create index records_record_s8 on records_record (tenant_id, collection_id, s8, id) where s8 is not null;

-- What records were before: one row for each former version, sealed as it was.
create table records_version (
    tenant_id uuid not null,
    record_id uuid not null,
    version int not null,
    department int not null,
    open jsonb not null,
    confidential bytea,
    personal bytea,
    sensitive bytea,
    confidential_version int not null,
    personal_version int not null,
    sensitive_version int not null,
    made_at timestamptz not null,
    made_by text not null,
    action text not null,
    changed text[] not null,
    primary key (tenant_id, record_id, version),
    foreign key (tenant_id, record_id) references records_record (tenant_id, id) on delete cascade
);
alter table records_version alter confidential set storage external, alter personal set storage external,
    alter sensitive set storage external;

-- Which records hold a word. Words of open fields stand as they are and are found by their beginning; words and whole
-- values of sealed fields stand as "~" and a keyed token. A row carries up to some hundred records, since a row for each
-- word and record made an import several times slower. `id` is its first record, which keeps it apart from its like.
-- This table and the next are derived from records and written with them; they have no foreign keys, whose checks cost
-- more than the rows themselves. What they lead to is read from records_record, under its policies.
create table records_word (
    tenant_id uuid not null,
    collection_id uuid not null,
    word text collate "C" not null,
    department int not null,
    id uuid not null,
    records uuid[] not null,
    primary key (tenant_id, collection_id, word, department, id)
);

-- The values that unique fields hold, as keyed tokens, whatever the field's class; deleted records leave theirs free.
create table records_unique (
    tenant_id uuid not null,
    field_id uuid not null,
    token bigint not null,
    record_id uuid not null,
    department int not null,
    primary key (tenant_id, field_id, token)
);

-- What reference fields point to. The database checks both ends, within the tenant; the far end at the end of an import
-- whose rows refer to each other.
create table records_reference (
    tenant_id uuid not null,
    field_id uuid not null,
    record_id uuid not null,
    target_id uuid not null,
    department int not null,
    primary key (tenant_id, record_id, field_id),
    foreign key (tenant_id, record_id) references records_record (tenant_id, id) on delete cascade,
    constraint records_reference_target foreign key (tenant_id, target_id) references records_record (tenant_id, id)
        deferrable initially immediate
);
create index records_reference_by_target on records_reference (tenant_id, target_id, field_id, record_id);

-- Files on their way in. The file, and the report, which may quote cells, are sealed.
create table records_import (
    tenant_id uuid not null,
    id uuid not null,
    collection_id uuid not null,
    filename text not null,
    state text not null check (state in ('checked', 'waiting', 'running', 'done', 'failed')),
    file bytea,
    options jsonb not null default '{}',
    done int not null default 0,
    total int not null default 0,
    report bytea,
    created_at timestamptz not null,
    created_by text not null,
    account_id uuid,
    finished_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, collection_id) references records_collection (tenant_id, id)
);
alter table records_import alter file set storage external, alter report set storage external;

-- What a workspace wants of its imports. No row stands for one event a batch.
create table records_setting (
    tenant_id uuid primary key,
    entry_a_row boolean not null,
    changed_at timestamptz not null,
    changed_by text not null
);

select safehold.protect_table('records_collection');
select safehold.protect_table('records_field');
select safehold.protect_table('records_record');
select safehold.protect_departments('records_record');
-- A page of a list needs to know whether a collection is long (tables.py, docs/decisions/statistics.md).
alter table records_record alter collection_id set statistics -1;
select safehold.protect_table('records_version');
select safehold.protect_departments('records_version');
select safehold.protect_table('records_word');
select safehold.protect_departments('records_word');
select safehold.protect_table('records_unique');
select safehold.protect_departments('records_unique');
select safehold.protect_table('records_reference');
select safehold.protect_departments('records_reference');
select safehold.protect_table('records_import');
select safehold.protect_table('records_setting', array['select', 'insert', 'update']);
