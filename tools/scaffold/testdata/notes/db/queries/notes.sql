-- name: CountNotes :one
SELECT count(*) FROM notes
WHERE user_id = @user_id;
