//! Why the keys at rest can't be used.

/// Why the keys at rest can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// No master key was given.
    #[error(
        "there is no master key{0}; make one with `openssl rand -hex 32`, keep it outside the database and its backups, and give it as a file or in the environment"
    )]
    Missing(String),
    /// The master key isn't 32 bytes.
    #[error("the master key must be 32 bytes, as 64 hexadecimal digits or in Base64")]
    Malformed,
    /// The master key isn't the one the database was made with.
    #[error(
        "the master key is not the one this database was made with; give the right key or the right database"
    )]
    Wrong,
    /// A sealed value doesn't open although the master key is right.
    #[error("the sealed {0} doesn't open: its row was changed; restore the database from a backup")]
    Damaged(&'static str),
}

impl VaultError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "master_key_missing",
            Self::Malformed => "master_key_malformed",
            Self::Wrong => "master_key_wrong",
            Self::Damaged(_) => "sealed_value_damaged",
        }
    }
}
