//! Identifiers. Each is its own type, so that a serial can't be passed where an event belongs.

use serde::{Deserialize, Serialize};

/// Defines a newtype over an unsigned integer with its display and serde forms.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl core::str::FromStr for $name {
            type Err = core::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

/// Defines a newtype over 16 random bytes, written as 32 hexadecimal digits.
macro_rules! random16 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl core::str::FromStr for $name {
            type Err = hex::FromHexError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let mut bytes = [0; 16];
                hex::decode_to_slice(text, &mut bytes)?;
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                <String as utoipa::PartialSchema>::schema()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    };
}

random16! {
    /// One Kaisatsu installation. It is part of every signed and hashed message, so that nothing
    /// made in one installation means anything in another.
    InstallationId
}
random16! {
    /// The random key under which a gate claims a right; repeated on every re-scan until its
    /// outcome is journalled, so that a repeated claim is the same claim.
    ClaimKey
}
random16! {
    /// What a device sends with its question for the time, and finds again in the answer: an answer
    /// to an earlier question says nothing of now.
    TimeNonce
}

number! {
    /// An organisation within the installation.
    OrganisationId, u32
}
number! {
    /// An event. Never reused, also not after a restore.
    EventId, u32
}
number! {
    /// A class of ticket within its event.
    TypeId, u16
}
number! {
    /// A ticket's number within its event: dense, from 0, never reused.
    Serial, u32
}
number! {
    /// How often a ticket was issued: 1 at first, one more with each reissue.
    Generation, u8
}
number! {
    /// An event's signing key within the event's key list. Never reused.
    KeyId, u8
}
number! {
    /// A physical entrance of an event.
    GateId, u16
}
number! {
    /// A part of an event's venue.
    ZoneId, u16
}
number! {
    /// A time slot or session of an event.
    SlotId, u16
}
number! {
    /// An enrolled gate client. Never reused.
    DeviceId, u32
}
number! {
    /// A lease: a share of an event's rights that one device alone decides. Never reused.
    LeaseId, u32
}
number! {
    /// A member of the entrance staff; 0 where nobody has signed in at the gate.
    OperatorId, u32
}
number! {
    /// How often the installation's database was restored. A higher one starts a new history.
    Epoch, u32
}

impl Generation {
    /// The generation of a ticket that was issued once.
    pub const FIRST: Self = Self(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_ids_are_hexadecimal_text() {
        let id = InstallationId([0xab; 16]);
        assert_eq!(id.to_string(), "ab".repeat(16));
        assert_eq!(id.to_string().parse::<InstallationId>().unwrap(), id);
        assert!("ab".parse::<InstallationId>().is_err());
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<InstallationId>(&json).unwrap(), id);
    }

    #[test]
    fn numbers_are_transparent() {
        assert_eq!(serde_json::to_string(&Serial(7)).unwrap(), "7");
        assert_eq!("7".parse::<Serial>().unwrap(), Serial(7));
    }
}
