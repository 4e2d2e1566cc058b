//! `token`.

use std::collections::BTreeSet;

use super::{
    args::TokenCommand,
    context::{Context, ORGANISATION},
    error::CliError,
    output::table,
    parse,
};
use crate::store::types::{ApiToken, CreateToken, Permission};

pub(crate) async fn token(context: &Context, command: TokenCommand) -> Result<(), CliError> {
    let (store, output) = (&context.store, context.output);
    match command {
        TokenCommand::Create { name, allow, event, expires } => {
            for event in &event {
                store.event(*event).await?;
            }
            let request = CreateToken {
                organisation: ORGANISATION,
                name,
                permissions: allow.into_iter().flatten().collect(),
                events: (!event.is_empty()).then(|| event.into_iter().collect()),
                expires_at: expires.map(kaisatsu_shared::time::UnixSeconds::to_millis),
            };
            let made = store.create_token(context.actor(), request).await?;
            output.note(&format!("token {}: keep it safe, it is not shown again", made.id));
            output.give(&made, || made.secret.clone())?;
        }
        TokenCommand::List => {
            let tokens = store.tokens(ORGANISATION).await?;
            let rows = tokens.iter().map(|token| {
                vec![
                    token.id.to_string(),
                    token.name.clone(),
                    state(token),
                    token.events.as_ref().map_or_else(|| "all".to_owned(), join),
                    join_permissions(&token.permissions),
                ]
            });
            let header = ["TOKEN", "NAME", "STATE", "EVENTS", "MAY"];
            let text = table(&header, rows);
            output.give(&tokens, || text)?;
        }
        TokenCommand::Revoke { token } => {
            let token = store.revoke_token(context.actor(), token).await?;
            output.give(&token, || format!("token {} is revoked", token.id))?;
        }
    }
    Ok(())
}

fn state(token: &ApiToken) -> String {
    match (token.revoked_at, token.expires_at) {
        (Some(at), _) => format!("revoked {}", parse::show_time(at)),
        (None, Some(at)) => format!("until {}", parse::show_time(at)),
        (None, None) => "works".to_owned(),
    }
}

fn join<T: ToString>(items: &BTreeSet<T>) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn join_permissions(permissions: &BTreeSet<Permission>) -> String {
    if permissions.len() == Permission::ALL.len() { "all".to_owned() } else { join(permissions) }
}
