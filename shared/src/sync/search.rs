//! Looking a ticket up for a guest who can't show it: `POST /api/v1/device/search`.

use serde::{Deserialize, Serialize};

use crate::{
    id::{OperatorId, Serial},
    right::RightRef,
    rules::Verdict,
};

/// Most tickets that one search gives.
pub const MAX_HITS: usize = 10;
/// Fewest letters of a name that is looked for.
pub const MIN_NAME: usize = 2;
/// Most letters of a name that is looked for.
pub const MAX_NAME: usize = 64;

/// What is looked for, and for whom. It travels in the body: an address would be logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// Who is signed in at the gate and asks.
    pub operator: OperatorId,
    /// What they look for.
    pub query: SearchQuery,
}

/// What is looked for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SearchQuery {
    /// The number on the ticket.
    Code(Serial),
    /// Parts of the holder's name or of its reading, with spaces between them: all must fit.
    Name(String),
}

/// A name stands in no log.
impl core::fmt::Debug for SearchQuery {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Code(serial) => f.debug_tuple("Code").field(serial).finish(),
            Self::Name(_) => f.write_str("Name(…)"),
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchAnswer {
    /// At most [`MAX_HITS`] tickets, by their numbers.
    pub hits: Vec<SearchHit>,
    /// Whether there are more: staff ask for more of the name.
    pub more: bool,
}

/// A ticket that was found.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchHit {
    /// Its right.
    pub right: RightRef,
    /// What the server would say if it were shown at this gate now.
    pub verdict: Verdict,
    /// Its holder's name, where the event lets gates see names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A name stands in no log.
impl core::fmt::Debug for SearchHit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SearchHit")
            .field("serial", &self.right.serial)
            .field("code", &self.verdict.code)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_not_printed() {
        let query = SearchQuery::Name("山田".to_owned());
        let request = SearchRequest { operator: OperatorId(12), query };
        assert!(!format!("{request:?}").contains("山田"));
        let text = serde_json::to_string(&request).unwrap();
        assert_eq!(text, r#"{"operator":12,"query":{"name":"山田"}}"#);
        let by_code = r#"{"operator":12,"query":{"code":17}}"#;
        let read: SearchRequest = serde_json::from_str(by_code).unwrap();
        assert_eq!(read.query, SearchQuery::Code(Serial(17)));
    }
}
