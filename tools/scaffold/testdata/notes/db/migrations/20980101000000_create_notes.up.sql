-- Notes belong to users.
CREATE TABLE notes (
    id text COLLATE "C" PRIMARY KEY,
    user_id text COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX notes_user_id_idx ON notes (user_id);
