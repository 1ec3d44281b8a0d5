-- How the program fared in one hour: requests, waits, sizes. Kept for a month.
CREATE TABLE health_hours (
    hour    INTEGER NOT NULL PRIMARY KEY,           -- hours since 1970 in UTC
    figures TEXT    NOT NULL CHECK (json_valid(figures)) -- the object of src/health/hours.rs
) STRICT;
