//! Completes fields by their name: enumerations, formats and descriptions.

use std::collections::BTreeSet;

use engage_domain::tag::Tags;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ArrayBuilder, ArrayItems, SchemaType};
use utoipa::openapi::{KnownFormat, Object, OpenApi, RefOr, Schema, SchemaFormat, Type};

use super::enumerations::enumeration;
use super::forms;
use crate::query::MOST_TEXTS;

/// Direction of a field. Clients may spell it in several ways. Responses use only one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Sent,
    Answered,
}

/// Completes the properties of all schemas. `of_requests` names those of requests.
pub(super) fn complete_schemas(document: &mut OpenApi, of_requests: &BTreeSet<String>) {
    let Some(components) = &mut document.components else { return };
    for (name, schema) in &mut components.schemas {
        let way = if of_requests.contains(name) { Direction::Sent } else { Direction::Answered };
        complete_schema(name, way, schema);
    }
}

fn complete_schema(owner: &str, way: Direction, schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            for (name, property) in &mut object.properties {
                complete_property(owner, name, way, property);
            }
        }
        RefOr::T(Schema::AllOf(all)) => {
            all.items.iter_mut().for_each(|part| complete_schema(owner, way, part));
        }
        _ => {}
    }
}

fn complete_property(owner: &str, name: &str, way: Direction, property: &mut RefOr<Schema>) {
    let enumeration = enumeration(owner, name);
    match property {
        RefOr::T(Schema::Object(object)) => {
            if way == Direction::Answered && object.description.is_none() {
                object.description = forms::meaning(name).map(str::to_owned);
            }
            match enumeration.filter(|_| is_free(object)) {
                Some(one) => {
                    *property = one.reference(may_be_null(object), object.description.take());
                }
                None => give_form(owner, name, way, object),
            }
        }
        RefOr::T(Schema::Array(array)) => {
            if let (Direction::Sent, Some(one)) = (way, enumeration) {
                // A longer list would contain duplicates.
                array.max_items = Some(one.words.len());
            }
            let ArrayItems::RefOrSchema(items) = &mut array.items else { return };
            let RefOr::T(Schema::Object(item)) = &mut **items else { return };
            match enumeration {
                Some(one) => **items = one.reference(false, None),
                None => give_form(owner, name, way, item),
            }
        }
        _ => {}
    }
}

/// Sets the format of a text in a request, unless its schema defines one.
fn give_form(owner: &str, name: &str, way: Direction, object: &mut Object) {
    if way == Direction::Sent && is_free(object) {
        object.pattern = forms::pattern(owner, name);
    }
}

/// Returns true if any text is allowed.
fn is_free(object: &Object) -> bool {
    let is_text = match &object.schema_type {
        SchemaType::Type(kind) => *kind == Type::String,
        SchemaType::Array(kinds) => kinds.contains(&Type::String),
        SchemaType::AnyValue => false,
    };
    is_text && object.enum_values.is_none() && object.pattern.is_none() && object.format.is_none()
}

fn may_be_null(object: &Object) -> bool {
    matches!(&object.schema_type, SchemaType::Array(kinds) if kinds.contains(&Type::Null))
}

/// Completes the parameters of an operation.
pub(super) fn complete_parameters(path: &str, operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        if let Some(RefOr::T(Schema::Object(object))) = &mut parameter.schema {
            // A parameter can be omitted, but it cannot be null.
            forbid_null(object);
        }
        match parameter.parameter_in {
            ParameterIn::Path => complete_path(path, parameter),
            ParameterIn::Query => complete_query(path, parameter),
            ParameterIn::Header | ParameterIn::Cookie | ParameterIn::QueryString => {}
        }
    }
}

fn forbid_null(object: &mut Object) {
    if let SchemaType::Array(kinds) = &mut object.schema_type {
        kinds.retain(|kind| *kind != Type::Null);
        if let [kind] = &kinds[..] {
            object.schema_type = SchemaType::Type(kind.clone());
        }
    }
}

fn complete_path(path: &str, parameter: &mut Parameter) {
    if let Some(RefOr::T(Schema::Object(object))) = &mut parameter.schema {
        give_form(path, &parameter.name, Direction::Sent, object);
    }
}

fn complete_query(path: &str, parameter: &mut Parameter) {
    let name = parameter.name.clone();
    let Some(RefOr::T(Schema::Object(object))) = &mut parameter.schema else { return };
    let value: RefOr<Schema> = if let Some(one) = enumeration(path, &name) {
        one.reference(false, None)
    } else {
        if forms::is_time(&name) {
            object.format = Some(SchemaFormat::KnownFormat(KnownFormat::DateTime));
        }
        give_form(path, &name, Direction::Sent, object);
        object.clone().into()
    };
    if forms::takes_several(&name) {
        let most = forms::is_of_tags(&name).then_some(Tags::MOST);
        let list = ArrayBuilder::new().items(value).min_items(Some(1)).max_items(most);
        // The example of a single value is not an example of a list.
        *parameter = ParameterBuilder::from(parameter.clone()).example(None).build();
        parameter.schema = Some(list.build().into());
        // `status=OPEN,ON_HOLD`. Repeating the parameter is accepted too.
        parameter.style = Some(ParameterStyle::Form);
        parameter.explode = Some(false);
    } else if forms::is_repeated(&name) {
        let list = ArrayBuilder::new().items(value).min_items(Some(1)).max_items(Some(MOST_TEXTS));
        parameter.schema = Some(list.build().into());
        parameter.style = Some(ParameterStyle::Form);
        parameter.explode = Some(true);
    } else {
        parameter.schema = Some(value);
    }
}
