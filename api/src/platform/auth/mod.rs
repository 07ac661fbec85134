//! JWT of minutes, rotating refresh tokens, one-time codes.
