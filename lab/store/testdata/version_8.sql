-- A database that revision 8ca80be has migrated to version 8, and a row of each table: pg_dump --inserts.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE FUNCTION public.refuse_change_of_audit_events() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'audit events are never changed' USING ERRCODE = 'restrict_violation';
END;
$$;
CREATE FUNCTION public.refuse_unannounced_pruning() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (
        SELECT FROM gone
        WHERE gone.occurred_at >= coalesce(
            (
                SELECT max(detail::timestamptz)
                FROM audit_events
                WHERE type = 'audit_pruned' AND detail::timestamptz <= now() - interval '1 day'
            ),
            '-infinity'
        )
    ) THEN
        RAISE EXCEPTION 'audit events are removed by pruning only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END;
$$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.audit_events (
    id text NOT NULL COLLATE pg_catalog."C",
    occurred_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    actor_id text COLLATE pg_catalog."C",
    target_id text COLLATE pg_catalog."C",
    session_id text COLLATE pg_catalog."C",
    ip inet,
    request_id text COLLATE pg_catalog."C",
    detail text COLLATE pg_catalog."C",
    CONSTRAINT audit_events_actor_id_is_ulid CHECK ((actor_id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'::text)),
    CONSTRAINT audit_events_detail_is_printable_ascii CHECK ((detail ~ '^[ -~]{1,100}$'::text)),
    CONSTRAINT audit_events_id_is_ulid CHECK ((id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'::text)),
    CONSTRAINT audit_events_pruned_until_a_time CHECK (((type <> 'audit_pruned'::text) OR ((detail IS NOT NULL) AND (detail ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$'::text)))),
    CONSTRAINT audit_events_request_id_is_plain CHECK ((request_id ~ '^[A-Za-z0-9._-]{1,128}$'::text)),
    CONSTRAINT audit_events_session_id_is_ulid CHECK ((session_id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'::text)),
    CONSTRAINT audit_events_target_id_is_ulid CHECK ((target_id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'::text)),
    CONSTRAINT audit_events_type_is_known CHECK ((type = ANY (ARRAY['authn_login_success'::text, 'authn_login_fail'::text, 'authn_login_fail_max'::text, 'authn_password_change'::text, 'authn_password_change_fail'::text, 'authn_reauthentication_fail'::text, 'authn_token_reuse'::text, 'authz_change'::text, 'authz_fail'::text, 'audit_pruned'::text, 'session_ended'::text, 'throttle_cleared'::text, 'user_activated'::text, 'user_created'::text, 'user_deactivated'::text, 'user_deleted'::text, 'user_email_change'::text, 'user_updated'::text])))
);
CREATE TABLE public.known_networks (
    user_id text NOT NULL COLLATE pg_catalog."C",
    network_key bytea NOT NULL,
    last_login_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT known_networks_network_key_is_digest CHECK ((octet_length(network_key) = 32))
);
CREATE TABLE public.refresh_tokens (
    id bigint NOT NULL,
    session_id text NOT NULL COLLATE pg_catalog."C",
    parent_id bigint,
    generation integer NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    sealed_successor bytea,
    CONSTRAINT refresh_tokens_first_has_no_parent CHECK (((generation = 0) = (parent_id IS NULL))),
    CONSTRAINT refresh_tokens_sealed_only_when_used CHECK (((sealed_successor IS NULL) OR (used_at IS NOT NULL))),
    CONSTRAINT refresh_tokens_token_hash_is_sha256 CHECK ((octet_length(token_hash) = 32))
);
ALTER TABLE public.refresh_tokens ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.refresh_tokens_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.schema_migrations (
    version bigint NOT NULL,
    dirty boolean NOT NULL
);
CREATE TABLE public.sessions (
    id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL COLLATE pg_catalog."C",
    user_agent text DEFAULT ''::text NOT NULL,
    ip inet,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    revoked_reason text,
    CONSTRAINT sessions_id_is_ulid CHECK ((id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'::text)),
    CONSTRAINT sessions_revoked_with_reason CHECK (((revoked_at IS NULL) = (revoked_reason IS NULL)))
);
CREATE TABLE public.throttles (
    account_key bytea NOT NULL,
    network_key bytea NOT NULL,
    forgiven_at timestamp with time zone NOT NULL,
    blocked_until timestamp with time zone NOT NULL,
    CONSTRAINT throttles_account_key_is_digest CHECK ((octet_length(account_key) = ANY (ARRAY[0, 32]))),
    CONSTRAINT throttles_network_key_is_digest CHECK ((octet_length(network_key) = ANY (ARRAY[0, 32])))
);
CREATE TABLE public.users (
    id text NOT NULL COLLATE pg_catalog."C",
    email text NOT NULL,
    password_hash text NOT NULL,
    name text,
    role text DEFAULT 'user'::text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT users_email_is_printable_ascii CHECK ((email ~ '^[\x21-\x7e]{3,254}$'::text)),
    CONSTRAINT users_id_is_ulid CHECK ((id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'::text)),
    CONSTRAINT users_role_is_known CHECK ((role = ANY (ARRAY['user'::text, 'admin'::text])))
);
INSERT INTO public.audit_events VALUES ('01JDJ4W0000000000000000003', '2026-11-25 00:00:00+00', 'user_created', '01JDJ4W0000000000000000001', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.known_networks VALUES ('01JDJ4W0000000000000000001', '\x1b16b1df538ba12dc3f97edbb85caa7050d46c148134290feba80f8236c83db9', '2026-11-25 00:00:00+00');
INSERT INTO public.refresh_tokens OVERRIDING SYSTEM VALUE VALUES (1, '01JDJ4W0000000000000000002', NULL, 0, '\x5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9', '2026-11-25 00:00:00+00', '2026-12-25 00:00:00+00', '2026-11-25 00:00:00+00', NULL);
INSERT INTO public.refresh_tokens OVERRIDING SYSTEM VALUE VALUES (2, '01JDJ4W0000000000000000002', 1, 1, '\x6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b', '2026-11-25 00:00:00+00', '2026-12-25 00:00:00+00', NULL, NULL);
INSERT INTO public.schema_migrations VALUES (8, false);
INSERT INTO public.sessions VALUES ('01JDJ4W0000000000000000002', '01JDJ4W0000000000000000001', '', NULL, '2026-11-25 00:00:00+00', '2026-11-25 00:00:00+00', '2026-12-25 00:00:00+00', NULL, NULL);
INSERT INTO public.throttles VALUES ('\x', '\x1b16b1df538ba12dc3f97edbb85caa7050d46c148134290feba80f8236c83db9', '2026-11-26 00:00:00+00', '2026-11-25 00:00:00+00');
INSERT INTO public.users VALUES ('01JDJ4W0000000000000000001', 'Ada@example.com', '$argon2id$x', 'Ada', 'admin', true, '2026-11-25 00:00:00+00', '2026-11-25 00:00:00+00', 3);
SELECT pg_catalog.setval('public.refresh_tokens_id_seq', 2, true);
ALTER TABLE ONLY public.audit_events
    ADD CONSTRAINT audit_events_pkey PRIMARY KEY (occurred_at, id);
ALTER TABLE ONLY public.known_networks
    ADD CONSTRAINT known_networks_pkey PRIMARY KEY (user_id, network_key);
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_parent_id_key UNIQUE (parent_id);
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_session_id_generation_key UNIQUE (session_id, generation);
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.throttles
    ADD CONSTRAINT throttles_pkey PRIMARY KEY (account_key, network_key);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);
CREATE INDEX audit_events_actor_id_idx ON public.audit_events USING btree (actor_id, occurred_at, id) WHERE (actor_id IS NOT NULL);
CREATE INDEX audit_events_target_id_idx ON public.audit_events USING btree (target_id, occurred_at, id);
CREATE INDEX audit_events_type_idx ON public.audit_events USING btree (type, occurred_at, id);
CREATE INDEX known_networks_last_login_at_idx ON public.known_networks USING btree (last_login_at);
CREATE INDEX refresh_tokens_live_expires_at_idx ON public.refresh_tokens USING btree (expires_at) WHERE (used_at IS NULL);
CREATE UNIQUE INDEX refresh_tokens_one_live_per_session_key ON public.refresh_tokens USING btree (session_id) WHERE (used_at IS NULL);
CREATE INDEX refresh_tokens_sealed_used_at_idx ON public.refresh_tokens USING btree (used_at) WHERE (sealed_successor IS NOT NULL);
CREATE INDEX sessions_live_by_user_idx ON public.sessions USING btree (user_id, created_at) WHERE (revoked_at IS NULL);
CREATE INDEX sessions_revoked_at_idx ON public.sessions USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);
CREATE INDEX sessions_user_id_idx ON public.sessions USING btree (user_id);
CREATE INDEX throttles_forgiven_at_idx ON public.throttles USING btree (forgiven_at);
CREATE INDEX users_admins_idx ON public.users USING btree (created_at, id) WHERE (role = 'admin'::text);
CREATE INDEX users_created_at_id_idx ON public.users USING btree (created_at, id);
CREATE UNIQUE INDEX users_email_key ON public.users USING btree (lower((email COLLATE "C")));
CREATE INDEX users_inactive_email_idx ON public.users USING btree (lower((email COLLATE "C"))) WHERE (NOT is_active);
CREATE INDEX users_inactive_idx ON public.users USING btree (created_at, id) WHERE (NOT is_active);
CREATE INDEX users_search_idx ON public.users USING gin ((((email || '
'::text) || COALESCE(name, ''::text))) public.gin_trgm_ops) WITH (fastupdate=off);
CREATE TRIGGER audit_events_are_never_changed BEFORE UPDATE OR TRUNCATE ON public.audit_events FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change_of_audit_events();
CREATE TRIGGER audit_events_are_only_pruned AFTER DELETE ON public.audit_events REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_unannounced_pruning();
ALTER TABLE ONLY public.known_networks
    ADD CONSTRAINT known_networks_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.refresh_tokens(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
