//! Changes to every schema of the description.

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, SchemaType};
use utoipa::openapi::{
    Content, KnownFormat, Object, OpenApi, PathItem, RefOr, Schema, SchemaFormat, Type,
};

use super::operations::operations;

/// Visits every object and simple value in the schemas.
pub(super) fn each_object(document: &mut OpenApi, see: &mut impl FnMut(&mut Object)) {
    if let Some(components) = &mut document.components {
        components.schemas.values_mut().for_each(|schema| within(schema, see));
    }
    let webhooks = document.webhooks.iter_mut().flat_map(|all| all.paths.values_mut());
    for item in document.paths.paths.values_mut().chain(webhooks) {
        of_path(item, see);
    }
}

fn of_path(item: &mut PathItem, see: &mut impl FnMut(&mut Object)) {
    for operation in operations(item) {
        of_operation(operation, see);
    }
}

fn of_operation(operation: &mut Operation, see: &mut impl FnMut(&mut Object)) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && let Some(schema) = &mut parameter.schema
        {
            within(schema, see);
        }
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.values_mut().for_each(|content| of_content(content, see));
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            response.content.values_mut().for_each(|content| of_content(content, see));
        }
    }
}

fn of_content(content: &mut RefOr<Content>, see: &mut impl FnMut(&mut Object)) {
    if let RefOr::T(content) = content
        && let Some(schema) = &mut content.schema
    {
        within(schema, see);
    }
}

fn within(schema: &mut RefOr<Schema>, see: &mut impl FnMut(&mut Object)) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => {
            see(object);
            object.properties.values_mut().for_each(|property| within(property, see));
            if let Some(more) = &mut object.additional_properties
                && let AdditionalProperties::RefOr(schema) = &mut **more
            {
                within(schema, see);
            }
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                within(items, see);
            }
        }
        Schema::OneOf(one) => one.items.iter_mut().for_each(|choice| within(choice, see)),
        Schema::AllOf(all) => all.items.iter_mut().for_each(|part| within(part, see)),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(|choice| within(choice, see)),
        _ => {}
    }
}

/// Sets the format of unsigned numbers to its name in the format registry.
pub(super) fn name_format(object: &mut Object) {
    let name = match &object.format {
        Some(SchemaFormat::KnownFormat(KnownFormat::UInt8)) => "uint8",
        Some(SchemaFormat::KnownFormat(KnownFormat::UInt16)) => "uint16",
        Some(SchemaFormat::KnownFormat(KnownFormat::UInt32)) => "uint32",
        Some(SchemaFormat::KnownFormat(KnownFormat::UInt64)) => "uint64",
        _ => return,
    };
    object.format = Some(SchemaFormat::Custom(name.to_owned()));
}

/// Declares that an object without named properties may have any.
pub(super) fn open_map(object: &mut Object) {
    let is_object = matches!(&object.schema_type, SchemaType::Type(Type::Object));
    if is_object && object.properties.is_empty() {
        object
            .additional_properties
            .get_or_insert_with(|| Box::new(AdditionalProperties::FreeForm(true)));
    }
}
