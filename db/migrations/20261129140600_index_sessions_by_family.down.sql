DROP INDEX sessions_family_hash_key;
