//! The API's description in OpenAPI 3.1, made from the table of routes.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::{
    call::{Call, json as body},
    error::Refusal,
    query::{PAGE_LEN_MAX, Parameter},
    route::{Route, Verb},
    shape::{Kind, REFUSAL, Shape},
    table::ROUTES,
};

/// The description, to any known caller: it says nothing that the manual does not.
pub(crate) fn describe(_call: &Call<'_>) -> Result<Bytes, Refusal> {
    body(&description())
}

/// The whole document.
fn description() -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    collect(&REFUSAL, &mut schemas);
    for route in ROUTES {
        let shapes = [route.input, route.output];
        shapes.into_iter().flatten().for_each(|shape| collect(shape, &mut schemas));
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Strongroom",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The native API: principals, their access keys and how the server stands. \
                            Keys are used and managed through the AWS KMS API of the same server.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "security": [{ "sigv4": [] }, { "certificate": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "sigv4": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "AWS Signature Version 4 with the service name strongroom.",
                },
                "certificate": {
                    "type": "mutualTLS",
                    "description": "A registered client certificate, where nothing is signed.",
                },
            },
        },
    })
}

fn operation(route: &Route) -> Value {
    let in_path = route.names().map(|name| {
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
    });
    let in_query = route.query.iter().map(parameter);
    let parameters: Vec<Value> = in_path.chain(in_query).collect();
    let mut success = json!({ "description": route.summary });
    if let Some(shape) = route.output {
        success["content"] = content(shape);
    }
    let mut operation = json!({
        "operationId": format!("{:?}", route.verb),
        "summary": route.summary,
        "parameters": parameters,
        "responses": {
            route.success.as_str(): success,
            "default": { "description": "A refusal", "content": content(&REFUSAL) },
        },
    });
    if let Some(action) = route.action {
        operation["description"] = format!("Needs the action `{}`.", action.name()).into();
    }
    if route.verb == Verb::Unseal {
        operation["security"] = json!([]);
    }
    if let Some(shape) = route.input {
        operation["requestBody"] = json!({ "required": true, "content": content(shape) });
    }
    operation
}

fn parameter(Parameter { name, about, is_number }: &Parameter) -> Value {
    let schema = match is_number {
        true => json!({ "type": "integer", "minimum": 1, "maximum": PAGE_LEN_MAX }),
        false => json!({ "type": "string" }),
    };
    json!({ "name": name, "in": "query", "description": about, "schema": schema })
}

fn content(shape: &Shape) -> Value {
    json!({ "application/json": { "schema": reference(shape) } })
}

fn reference(shape: &Shape) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", shape.name) })
}

/// Puts a shape and those it is made of among the schemas.
fn collect(shape: &Shape, schemas: &mut Map<String, Value>) {
    let mut properties = Map::new();
    for member in shape.members {
        let mut schema = schema(&member.kind);
        schema["description"] = member.about.into();
        properties.insert(member.name.to_owned(), schema);
        let mut kind = &member.kind;
        while let Kind::List(of) = kind {
            kind = of;
        }
        if let Kind::Object(inner) = kind {
            collect(inner, schemas);
        }
    }
    let required: Vec<&str> =
        shape.members.iter().filter(|member| member.required).map(|member| member.name).collect();
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    schemas.insert(shape.name.to_owned(), schema);
}

fn schema(kind: &Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Time => json!({ "type": "string", "format": "date-time" }),
        Kind::Count => json!({ "type": "integer", "minimum": 0 }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Policy => json!({ "type": "object" }),
        Kind::PolicyOrText | Kind::ObjectOrText => json!({ "type": ["object", "string"] }),
        Kind::Object(shape) => reference(shape),
        Kind::List(of) => json!({ "type": "array", "items": schema(of) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| match value {
                Value::String(target) if name == "$ref" => found.push(target),
                _ => references(value, found),
            }),
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let description = description();
        let mut found = Vec::new();
        references(&description, &mut found);
        assert!(found.len() > ROUTES.len());
        for target in found {
            assert!(description.pointer(&target[1..]).is_some(), "{target}");
        }
    }

    #[test]
    fn every_route_is_described_once() {
        let description = description();
        let described = description["paths"].as_object().unwrap().values();
        let count: usize = described.map(|path| path.as_object().unwrap().len()).sum();
        assert_eq!(count, ROUTES.len());
    }

    #[test]
    fn the_manual_names_every_route_and_its_action() {
        let manual = include_str!("../../../docs/api.md");
        for route in ROUTES {
            let line = format!("`{} {}`", route.method, route.path);
            assert!(manual.contains(&line), "{line}");
            let action = route.action.map_or("", model::Action::name);
            assert!(manual.contains(action), "{action}");
        }
    }
}
