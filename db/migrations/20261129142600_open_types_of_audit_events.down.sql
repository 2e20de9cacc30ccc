ALTER TABLE audit_events DROP CONSTRAINT audit_events_type_is_plain;
ALTER TABLE audit_events ADD CONSTRAINT audit_events_type_is_known CHECK (type IN (
    'authn_login_success', 'authn_login_fail', 'authn_login_fail_max', 'authn_password_change', 'authn_password_change_fail',
    'authn_reauthentication_fail', 'authn_token_reuse', 'authz_change', 'authz_fail', 'audit_pruned', 'session_ended',
    'throttle_cleared', 'user_activated', 'user_created', 'user_deactivated', 'user_deleted', 'user_email_change', 'user_updated'
)) NOT VALID;
