//! The routes, for the server and for their description.

use actix_web::body::MessageBody;
use actix_web::dev::{HttpServiceFactory, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::{App, Scope};
use utoipa_actix_web::{OpenApiFactory, UtoipaApp};

use crate::{book, customer, docs_page, health, metrics, openapi, sms_status, staff, support_page};

/// An application or a scope to which routes are added, with or without their description.
pub(crate) trait Registry: Sized {
    /// Adds a route.
    fn add<F: HttpServiceFactory + OpenApiFactory + 'static>(self, route: F) -> Self;
}

impl<T> Registry for App<T>
where
    T: ServiceFactory<ServiceRequest, Config = (), Error = actix_web::Error, InitError = ()>,
{
    fn add<F: HttpServiceFactory + OpenApiFactory + 'static>(self, route: F) -> Self {
        self.service(route)
    }
}

impl<T, B> Registry for Scope<T>
where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = actix_web::Error,
            InitError = (),
        >,
    B: MessageBody,
{
    fn add<F: HttpServiceFactory + OpenApiFactory + 'static>(self, route: F) -> Self {
        self.service(route)
    }
}

impl<T> Registry for UtoipaApp<T>
where
    T: ServiceFactory<ServiceRequest, Config = (), Error = actix_web::Error, InitError = ()>,
{
    fn add<F: HttpServiceFactory + OpenApiFactory + 'static>(self, route: F) -> Self {
        self.service(route)
    }
}

impl<T> Registry for utoipa_actix_web::scope::Scope<T>
where
    T: ServiceFactory<ServiceRequest, Config = (), Error = actix_web::Error, InitError = ()>,
{
    fn add<F: HttpServiceFactory + OpenApiFactory + 'static>(self, route: F) -> Self {
        self.service(route)
    }
}

/// Adds the health checks and metrics.
pub(crate) fn service_routes<R: Registry>(to: R) -> R {
    to.add(health::health).add(health::live).add(health::ready).add(metrics::metrics)
}

/// Adds everything that needs no token of staff.
pub(crate) fn public_routes<R: Registry>(to: R) -> R {
    service_routes(to)
        .add(customer::open::open_case)
        .add(customer::status::look_up_case)
        .add(customer::escalate::escalate_case)
        .add(customer::cancel::cancel_case)
        .add(customer::reply::reply_to_case)
        .add(customer::attachment::download_case_attachment)
        .add(customer::access::request_code)
        .add(customer::access::redeem_code)
        .add(customer::participants::add::invite_participant)
        .add(customer::participants::remove::uninvite_participant)
        .add(customer::participants::leave::leave_case)
        .add(customer::participants::leave::return_to_case)
        .add(support_page::support_page)
        .add(support_page::support_page_with_slash)
        .add(support_page::unsubscribe::unsubscribe_page)
        .add(support_page::unsubscribe::unsubscribe)
        .add(support_page::support_icon)
        .add(support_page::support_robots)
        .add(support_page::support_script)
        .add(support_page::support_style)
        .add(sms_status::take_sms_status)
        .add(openapi::describe)
        .add(docs_page::docs_page)
        .add(docs_page::docs_script)
        .add(docs_page::swagger_script)
        .add(docs_page::swagger_style)
        .add(book::book_without_slash)
        .add(book::book_file)
}

/// Path before all [`staff_routes`].
pub(crate) const STAFF: &str = "/api/internal";

/// Adds the endpoints for staff.
pub(crate) fn staff_routes<R: Registry>(to: R) -> R {
    to.add(staff::list::list_cases)
        .add(staff::open::open_case)
        .add(staff::export::export_cases)
        .add(staff::details::get_case)
        .add(staff::bulk::change_cases)
        .add(staff::update::update_case)
        .add(staff::assign::assign_case)
        .add(staff::escalate::escalate_case)
        .add(staff::history::get_case_history)
        .add(staff::feed::list_events)
        .add(staff::correct::correct_case)
        .add(staff::rotate_access::rotate_access)
        .add(staff::participants::list::list_participants)
        .add(staff::participants::add::add_participant)
        .add(staff::participants::change::change_participant)
        .add(staff::participants::change::remove_participant)
        .add(staff::redact::redact_case)
        .add(staff::tags::list::list_tags)
        .add(staff::tags::change::merge_tags)
        .add(staff::tags::change::rename_tag)
        .add(staff::erase::erase_case)
        .add(staff::attachments::upload_attachments)
        .add(staff::attachments::download_attachment)
        .add(staff::notifications::list::list_notifications)
        .add(staff::notifications::suppressions::list_suppressions)
        .add(staff::notifications::suppressions::lift_suppression)
        .add(staff::notifications::retry_all::retry_notifications)
        .add(staff::notifications::one::get_notification)
        .add(staff::notifications::one::retry_notification)
        .add(staff::members::read::list_staff)
        .add(staff::members::read::get_staff)
        .add(staff::members::add::add_staff)
        .add(staff::members::change::change_staff)
        .add(staff::members::change::deactivate_staff)
        .add(staff::members::tokens::list_tokens)
        .add(staff::members::tokens::issue_token)
        .add(staff::members::tokens::revoke_token)
        .add(staff::members::tokens::revoke_tokens)
        .add(staff::members::tokens::rotate_token)
        .add(staff::me::get_me)
        .add(staff::audit::list_audit)
        .add(staff::customers::erase::erase_person)
        .add(staff::customers::erasure::get_erasure)
        .add(staff::contacts::merge::merge_contacts)
        .add(staff::contacts::import::import_contacts)
        .add(staff::contacts::read::list_contacts)
        .add(staff::contacts::add::add_contact)
        .add(staff::contacts::read::get_contact)
        .add(staff::contacts::change::change_contact)
        .add(staff::contacts::change::remove_contact)
        .add(staff::organizations::read::list_organizations)
        .add(staff::organizations::add::add_organization)
        .add(staff::organizations::read::get_organization)
        .add(staff::organizations::change::change_organization)
        .add(staff::organizations::change::remove_organization)
        .add(staff::webhooks::register::register_webhook)
        .add(staff::webhooks::read::list_webhooks)
        .add(staff::webhooks::read::get_webhook)
        .add(staff::webhooks::change::change_webhook)
        .add(staff::webhooks::change::remove_webhook)
        .add(staff::webhooks::actions::rotate_webhook_secret)
        .add(staff::webhooks::actions::test_webhook)
        .add(staff::webhooks::actions::replay_webhook)
}
