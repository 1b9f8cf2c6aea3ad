-- Accounts, their sessions, API tokens, invitations and counters of tries.
--
-- None of these is a tenant's table: an account belongs to a person, who may be a member of several tenants, and who they
-- are must be found out before any tenant is known. So row-level security goes by the kind of scope instead: everything
-- for the sign-in kind, which only the account pages and identity's own flows bind; a person's own rows for the account
-- kind; nothing for any other, except that a tenant's scope sees the tokens and invitations made inside that tenant.
-- The kind is asked first and in a CASE, because the other functions raise for a kind that they don't belong to.

create table identity_account (
    id uuid primary key,
    email text not null unique check (email = lower(email) and email <> ''),
    name text not null default '',
    password text not null,
    language text not null default '',
    is_active boolean not null default true,
    is_staff boolean not null default false,
    demo boolean not null default false,
    canary boolean not null default false,
    last_login timestamptz,
    last_address text not null default '',
    last_device text not null default '',
    created_at timestamptz not null
);

-- key_hash is the SHA-256 of the cookie's value, in hex; data is sealed with the platform's key, bound to key_hash.
create table identity_session (
    key_hash text primary key check (key_hash ~ '^[0-9a-f]{64}$'),
    account_id uuid references identity_account (id) on delete cascade,
    data bytea not null,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    idle_seconds int not null check (idle_seconds > 0),
    idle_ends_at timestamptz not null,
    ends_at timestamptz not null,
    address text not null default '',
    device text not null default '',
    language text not null default ''
);
create index identity_session_of_account on identity_session (account_id) where account_id is not null;
create index identity_session_ends on identity_session (ends_at);

-- digest is the SHA-256 of the token: 256 random bits need no salt, and it is found by the hash.
create table identity_token (
    id uuid primary key,
    tenant_id uuid not null,
    member_id uuid not null,
    account_id uuid not null references identity_account (id) on delete cascade,
    name text not null check (name <> ''),
    shown text not null,
    digest bytea not null unique check (length(digest) = 32),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    last_used_at timestamptz,
    last_address text not null default '',
    revoked_at timestamptz,
    unique (tenant_id, id),
    foreign key (tenant_id, member_id) references tenancy_member (tenant_id, id) on delete cascade
);
create index identity_token_of_member on identity_token (tenant_id, member_id);
create index identity_token_of_account on identity_token (account_id);

create table identity_invitation (
    id uuid primary key,
    tenant_id uuid not null,
    member_id uuid not null,
    digest bytea not null unique check (length(digest) = 32),
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    unique (tenant_id, id),
    foreign key (tenant_id, member_id) references tenancy_member (tenant_id, id) on delete cascade
);
create index identity_invitation_of_member on identity_invitation (tenant_id, member_id);

-- Tries in the present window, by a keyed hash of what is tried and by whom. Shared by all processes, and it survives them.
create table identity_attempt (
    key text primary key,
    window_ends_at timestamptz not null,
    count int not null check (count > 0)
);
create index identity_attempt_ends on identity_attempt (window_ends_at);
