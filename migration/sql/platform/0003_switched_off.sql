-- Operations of the API that are switched off at run time, by the name of their root field.
CREATE TABLE platform.switched_off (
    field       text PRIMARY KEY,
    reason      text NOT NULL,
    switched_by text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
);
