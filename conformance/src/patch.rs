//! JSON for bundles and facts: merge patches, and the notations that a file uses for readability.

use kaisatsu_shared::{id::KeyId, key::EventKey};
use serde_json::Value;

use crate::{Unusable, moment::Moment};

/// Changes a document by a JSON merge patch (RFC 7396).
pub(crate) fn merge(document: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *document = patch.clone();
        return;
    };
    if !document.is_object() {
        *document = Value::Object(serde_json::Map::new());
    }
    let Value::Object(fields) = document else { return };
    for (name, change) in changes {
        if change.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name).or_insert(Value::Null), change);
        }
    }
}

/// Replaces, wherever they stand, `{"seconds": time}` and `{"millis": time}` by the number, and
/// `"test key 7"` by that key's public half.
pub(crate) fn resolve(value: &mut Value) -> Result<(), Unusable> {
    if let Some(number) = time_number(value)? {
        *value = number;
        return Ok(());
    }
    match value {
        Value::Object(fields) => fields.values_mut().try_for_each(resolve),
        Value::Array(items) => items.iter_mut().try_for_each(resolve),
        Value::String(text) => {
            if let Some(number) = text.strip_prefix("test key ") {
                let number =
                    number.parse().map_err(|error| Unusable::because("test key", error))?;
                *text = hex::encode(test_key(KeyId(number), number).public());
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The TEST KEY of this number under a key id of the event.
pub(crate) fn test_key(id: KeyId, number: u8) -> EventKey {
    EventKey::from_seed(id, [number; 32])
}

fn time_number(value: &Value) -> Result<Option<Value>, Unusable> {
    let Some(fields) = value.as_object().filter(|fields| fields.len() == 1) else {
        return Ok(None);
    };
    if let Some(time) = fields.get("seconds") {
        return Ok(Some(Moment::from_json(time)?.seconds()?.0.into()));
    }
    fields.get("millis").map(|time| Ok(Moment::from_json(time)?.0.0.into())).transpose()
}

/// Where `found` lacks what `wanted` says: objects are compared by the fields that `wanted` names,
/// `null` wants a field to be absent.
pub(crate) fn difference(wanted: &Value, found: Option<&Value>, path: &str) -> Option<String> {
    match (wanted, found) {
        (Value::Null, None) => None,
        (Value::Object(fields), Some(found @ Value::Object(_))) => fields
            .iter()
            .find_map(|(name, each)| difference(each, found.get(name), &format!("{path}.{name}"))),
        (wanted, Some(found)) if wanted == found => None,
        (wanted, Some(found)) => Some(format!("{path} is {found}, expected {wanted}")),
        (wanted, None) => Some(format!("{path} is absent, expected {wanted}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn merging_follows_the_table_of_rfc_7396() {
        for (original, patch, result) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ] {
            let mut document = original.clone();
            merge(&mut document, &patch);
            assert_eq!(document, result, "{original} with {patch}");
        }
    }

    #[test]
    fn facts_are_compared_as_far_as_they_are_named() {
        let found = json!({"left": 2, "last_use": {"gate": 1, "device": 3}});
        let differ = |wanted: Value| difference(&wanted, Some(&found), "facts");
        assert_eq!(differ(json!({"last_use": {"gate": 1}, "right_gate": null})), None);
        assert!(differ(json!({"left": 1})).is_some());
        assert!(differ(json!({"left": null})).is_some());
        assert!(differ(json!({"last_use": {"at": 1}})).is_some());
    }

    #[test]
    fn readable_notations_become_numbers_and_keys() {
        let mut value = json!([{"seconds": 0}, {"millis": 1}, {"public": "test key 1"}]);
        resolve(&mut value).unwrap();
        let public = hex::encode(test_key(KeyId(1), 1).public());
        assert_eq!(value, json!([1_795_305_600, 1_795_305_601_000_u64, {"public": public}]));
    }
}
