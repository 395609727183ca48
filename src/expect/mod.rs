//! What did the owners say should happen?
