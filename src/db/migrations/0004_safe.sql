-- How the program fared in one hour: requests, waits, sizes. Kept for a month.
CREATE TABLE health_hours (
    hour    INTEGER NOT NULL PRIMARY KEY,           -- hours since 1970 in UTC
    figures TEXT    NOT NULL CHECK (json_valid(figures)) -- the object of src/health/hours.rs
) STRICT;

-- A second place for copies: a stick, a share of the network, a synced folder; and how it was when it was last looked at.
CREATE TABLE backup_places (
    id         INTEGER PRIMARY KEY,
    label      TEXT    NOT NULL CHECK (length(label) BETWEEN 1 AND 20),
    folder     TEXT    NOT NULL UNIQUE,
    added_at   INTEGER NOT NULL,
    is_present INTEGER NOT NULL CHECK (is_present IN (0, 1)),
    since_at   INTEGER NOT NULL,                    -- since when it is there, or away
    copy       TEXT,                                -- the name of the newest copy there
    brought_at INTEGER,                             -- when that was seen to be there
    problem    TEXT                                 -- what was wrong the last time, in a sentence for people
) STRICT;

-- The owner asks the journal for days, kinds of things and deeds; each index keeps its lines in the order they were written.
CREATE INDEX journal_at ON journal (at);
CREATE INDEX journal_kind ON journal (noun);
CREATE INDEX journal_verb ON journal (verb);

-- When and from where each signed-in browser last asked for something; goes with its session.
CREATE TABLE sessions_seen (
    token_hash BLOB    NOT NULL PRIMARY KEY REFERENCES sessions (token_hash) ON DELETE CASCADE,
    seen_at    INTEGER NOT NULL,
    address    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- The runs of a job in the order they were begun: a clock set back makes the latest run the one with an early hour.
CREATE INDEX job_runs_latest ON job_runs (job);
