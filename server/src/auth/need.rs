//! Permissions as types, so that a handler's signature names what it needs.

use crate::store::types::Permission;

/// A permission as a type.
pub trait Need: 'static {
    /// The permission.
    const PERMISSION: Permission;
}

/// Defines one type a permission.
macro_rules! needs {
    ($($name:ident),* $(,)?) => {
        $(
            #[doc = concat!("[`Permission::", stringify!($name), "`]")]
            #[derive(Clone, Copy, Debug)]
            pub enum $name {}

            impl Need for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )*
    };
}

needs! {
    EventRead, EventWrite, TicketRead, TicketShow, TicketIssue, TicketVoid, HolderRead,
    DeviceRead, DeviceWrite, JournalWrite, LedgerRead,
}
