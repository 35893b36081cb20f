//! Operations on what a client and a server have between them.

use model::Secret;

use super::{ObjectGroups, Operations};
use crate::{
    attribute::UsageLimits,
    names::{
        Tag,
        enumeration::{EndpointRole, InteropFunction, TicketType},
    },
    ttlv::{Item, Value},
    version::Version,
    wire::{DateTime, Identifier, Interval, Unfit, Why, Wire, structure},
};

/// Until when a ticket is good.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lease {
    /// For so long.
    For(Interval),
    /// Until then.
    Until(DateTime),
}

impl Wire for Lease {
    fn read(item: Item, _: Version) -> Result<Self, Unfit> {
        match item.value {
            Value::Interval(secs) => Ok(Self::For(Interval(secs))),
            Value::DateTime(secs) => Ok(Self::Until(DateTime(secs))),
            _ => Err(Unfit::new(item.tag, Why::Type)),
        }
    }

    fn write(self, tag: Tag, version: Version) -> Item {
        match self {
            Self::For(interval) => interval.write(tag, version),
            Self::Until(moment) => moment.write(tag, version),
        }
    }
}

structure! {
    /// A request for a ticket. Since 2.0.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct LoginRequest {
        /// Until when it is to be good.
        lease_time: Option<Lease> = LEASE_TIME,
        /// For how many requests.
        request_count: Option<i32> = REQUEST_COUNT,
        /// For how much use.
        usage_limits: Option<UsageLimits> = USAGE_LIMITS,
    }
}

structure! {
    /// A request for a ticket that another may use. Since 2.0.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct DelegatedLoginRequest {
        /// Until when it is to be good.
        lease_time: Option<Lease> = LEASE_TIME,
        /// For how many requests.
        request_count: Option<i32> = REQUEST_COUNT,
        /// For how much use.
        usage_limits: Option<UsageLimits> = USAGE_LIMITS,
        /// For what.
        rights: Rights = RIGHTS,
    }
}

structure! {
    /// What a ticket is good for.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct Rights {
        /// Any of these.
        rights: Vec<Right> = RIGHT,
    }
}

structure! {
    /// What a ticket is good for.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct Right {
        /// For how much use.
        usage_limits: Option<UsageLimits> = USAGE_LIMITS,
        /// For which operations.
        operations: Option<Operations> = OPERATIONS,
        /// On which objects.
        objects: Option<Objects> = OBJECTS,
        /// In which groups.
        object_groups: Option<ObjectGroups> = OBJECT_GROUPS,
    }
}

structure! {
    /// Objects.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct Objects {
        /// The objects.
        unique_identifiers: Vec<Identifier> = UNIQUE_IDENTIFIER,
    }
}

structure! {
    /// A ticket.
    #[derive(Debug)]
    pub struct Ticket {
        /// What kind of ticket it is.
        kind: TicketType = TICKET_TYPE,
        /// The ticket.
        value: Secret = TICKET_VALUE,
    }
}

structure! {
    /// A ticket: that `Login` gives, and that `Logout` takes back.
    #[derive(Debug)]
    pub struct TicketMessage {
        /// The ticket.
        ticket: Ticket = TICKET,
    }
}

structure! {
    /// Which side of the connection is to ask. Since 2.0.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct EndpointRoleMessage {
        /// The side that the server is to be.
        role: EndpointRole = ENDPOINT_ROLE,
    }
}

structure! {
    /// A message for the server's log. Since 2.0.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct LogRequest {
        /// The message.
        message: String = LOG_MESSAGE,
    }
}

structure! {
    /// Where a test case begins and ends. Since 2.0.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct InteropRequest {
        /// What happens.
        function: InteropFunction = INTEROP_FUNCTION,
        /// In which case.
        identifier: Option<String> = INTEROP_IDENTIFIER,
    }
}
