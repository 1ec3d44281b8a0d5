//! Every address of the site, an address a line, with who may use it. Reading it top to bottom is
//! reading the program's table of contents; what follows is the one way a request takes.

use std::time::Instant;

use crate::app::App;
use crate::db::space;
use crate::error::{Error, Result};
use crate::http::Method::{self, Get, Patch, Post};
use crate::http::door::{Head, Refusal, Room};
use crate::http::{Request, Response, gate};
use crate::users::Role::{self, Accountant, Admin, Driver, Manager, OfficeStaff};
use crate::users::{session, unstored};
use crate::{ui, visits};

/// Who may use an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody, signed in or not.
    Anybody,
    /// Those signed in whose role is listed.
    Roles(&'static [Role]),
}

pub type Handler = fn(&App, &Request) -> Result<Response>;

/// One address. `{name}` in the pattern is a part the handler asks for with `req.param("name")`.
pub struct Url {
    pub method: Method,
    pub pattern: &'static str,
    pub who: Who,
    pub answer: Handler,
}

use Who::{Anybody, Roles};

const ALL: Who = Roles(&[Admin, Manager, Accountant, OfficeStaff, Driver]);
/// Who sees the shop's records.
const READERS: Who = Roles(&[Admin, Manager, Accountant, OfficeStaff]);
/// Who takes calls and mends records.
const OFFICE: Who = Roles(&[Admin, Manager, OfficeStaff]);
/// Who answers for the whole shop.
const ADMIN: Who = Roles(&[Admin]);
const MANAGERS: Who = Roles(&[Admin, Manager]);
/// Who has a phone in the truck.
const DRIVERS: Who = Roles(&[Driver]);
/// Who says what happens at the customer: the driver, or a manager for him.
const ON_THE_WAY: Who = Roles(&[Admin, Manager, Driver]);

/// Who has to do with an emergency: the office, and the driver who is sent or needs help.
const WHO_GOES: Who = Roles(&[Admin, Manager, OfficeStaff, Driver]);

const fn url(method: Method, pattern: &'static str, who: Who, answer: Handler) -> Url {
    Url { method, pattern, who, answer }
}

#[rustfmt::skip]
pub const URLS: &[Url] = &[
    url(Get,  "/health",       Anybody, crate::health::api::health),
    url(Get,  "/health/ready", Anybody, crate::health::api::ready),
    url(Get,  "/metrics",      Anybody, crate::health::api::metrics),
    url(Get,  "/assets/{name}", Anybody, crate::http::assets::serve),

    url(Get,  "/sign-in",      Anybody, crate::users::pages::sign_in_form),
    url(Post, "/sign-in",      Anybody, crate::users::pages::sign_in),
    url(Post, "/sign-out",     ALL,     crate::users::pages::sign_out),
    url(Get,  "/me",           ALL,     crate::users::pages::me),
    url(Post, "/me",           ALL,     crate::users::pages::set_text_size),
    url(Get,  "/me/password",  ALL,     crate::users::pages::password_form),
    url(Post, "/me/password",  ALL,     crate::users::pages::change_password),

    url(Get,  "/users",                 MANAGERS, crate::users::people_pages::list),
    url(Post, "/users",                 MANAGERS, crate::users::people_pages::add),
    url(Get,  "/users/new",             MANAGERS, crate::users::people_pages::new_form),
    url(Get,  "/users/{id}",            MANAGERS, crate::users::people_pages::show),
    url(Post, "/users/{id}",            MANAGERS, crate::users::people_pages::edit),
    url(Post, "/users/{id}/password",   MANAGERS, crate::users::people_pages::reset_password),
    url(Post, "/users/{id}/sign-out",   MANAGERS, crate::users::people_pages::sign_out),
    url(Post, "/users/{id}/sessions/{key}/revoke", MANAGERS, crate::users::device_pages::revoke),
    url(Post, "/me/sessions/{key}/revoke",         ALL,      crate::users::device_pages::revoke_own),
    url(Post, "/users/{id}/deactivate", MANAGERS, crate::users::people_pages::deactivate),
    url(Post, "/users/{id}/reactivate", MANAGERS, crate::users::people_pages::reactivate),

    url(Get,  "/settings", ALL,      crate::settings::pages::show),
    url(Post, "/settings", MANAGERS, crate::settings::pages::save),
    url(Get,  "/settings/holidays",        READERS,  crate::settings::holiday_pages::list),
    url(Post, "/settings/holidays",        MANAGERS, crate::settings::holiday_pages::add),
    url(Post, "/settings/holidays/remove", MANAGERS, crate::settings::holiday_pages::remove),
    url(Get,  "/keys",     ALL,      crate::settings::help::keys),
    url(Get,  "/changes",  ALL,      crate::settings::help::changes),

    url(Get,  "/setup",          Anybody, crate::users::setup_pages::doors),
    url(Get,  "/setup/owner",    Anybody, crate::users::setup_pages::owner_form),
    url(Post, "/setup/owner",    Anybody, crate::users::setup_pages::make_owner),
    url(Get,  "/setup/restore",  Anybody, crate::backups::restore::first_run::show),
    url(Post, "/setup/restore",  Anybody, crate::backups::restore::first_run::act),
    url(Get,  "/setup/practice", Anybody, crate::users::setup_pages::practice),
    url(Post, "/setup/practice", Anybody, crate::users::setup_pages::fill_practice),

    url(Get,  "/restoring/{key}",        Anybody, crate::backups::restore::pages::progress),
    url(Get,  "/backups/restored",       READERS, crate::backups::restore::pages::restored),
    url(Get,  "/backups/restore",        ADMIN,   crate::backups::restore::pages::elsewhere),
    url(Post, "/backups/restore",        ADMIN,   crate::backups::restore::pages::restore_elsewhere),
    url(Get,  "/backups/{name}/restore", ADMIN,   crate::backups::restore::pages::of_copy),
    url(Post, "/backups/{name}/restore", ADMIN,   crate::backups::restore::pages::restore_copy),

    url(Post, "/api/v1/auth/login",    Anybody, crate::users::api::login),
    url(Post, "/api/v1/auth/logout",   ALL,     crate::users::api::logout),
    url(Get,  "/api/v1/auth/me",       ALL,     crate::users::api::me),
    url(Post, "/api/v1/auth/password", ALL,     crate::users::api::change_password),

    url(Get,  "/notices",       ALL, crate::notices::pages::list),
    url(Get,  "/notices/bell",  ALL, crate::notices::pages::bell),
    url(Post, "/notices/seen",  ALL, crate::notices::pages::seen),
    url(Get,  "/events",        ALL, crate::live::pages::stream),
    url(Get,  "/events/since",  ALL, crate::live::pages::since),

    url(Get,  "/customers",                        READERS,  crate::customers::pages::list),
    url(Post, "/customers",                        OFFICE,   crate::customers::edit::create),
    url(Get,  "/customers/find",                   READERS,  crate::customers::pages::find),
    url(Get,  "/customers/new",                    OFFICE,   crate::customers::edit::new),
    url(Get,  "/customers/{id}",                   READERS,  crate::customers::pages::card),
    url(Get,  "/customers/{id}/summary",           READERS,  crate::customers::pages::summary),
    url(Get,  "/customers/{id}/sheet",             READERS,  crate::customers::pages::sheet),
    url(Get,  "/customers/{id}/edit",              OFFICE,   crate::customers::edit::edit),
    url(Post, "/customers/{id}/edit",              OFFICE,   crate::customers::edit::save),
    url(Post, "/customers/{id}/phones",            OFFICE,   crate::customers::edit::add_phone),
    url(Post, "/customers/{id}/terminate",         MANAGERS, crate::customers::edit::terminate),
    url(Post, "/customers/{id}/deactivate",        MANAGERS, crate::customers::edit::deactivate),
    url(Post, "/customers/{id}/reactivate",        MANAGERS, crate::customers::edit::reactivate),
    url(Post, "/customers/{id}/walk-in",           MANAGERS, crate::customers::edit::walk_in),
    url(Get,  "/customers/{id}/prices",            READERS,  crate::products::customer_pages::show),
    url(Get,  "/customers/{id}/cylinders",         READERS,  crate::cylinders::customer_pages::show),
    url(Post, "/customers/{id}/cylinders/own",     OFFICE,   crate::cylinders::customer_pages::own),
    url(Post, "/customers/{id}/cylinders/correct", MANAGERS, crate::cylinders::customer_pages::correct),
    url(Get,  "/customers/{id}/meters",            READERS,  crate::meters::pages::show),
    url(Post, "/customers/{id}/meters",            OFFICE,   crate::meters::pages::add),
    url(Post, "/meters/{id}/readings",             OFFICE,   crate::meters::pages::record),
    url(Post, "/meters/{id}/active",               OFFICE,   crate::meters::pages::set_active),
    url(Post, "/readings/{id}/void",               MANAGERS, crate::meters::pages::take_back),

    url(Get,  "/cylinders",                        READERS,  crate::cylinders::pages::show),
    url(Get,  "/cylinders/movements",              READERS,  crate::cylinders::pages::movements),
    url(Post, "/cylinders/movements/{id}/undo",    OFFICE,   crate::cylinders::pages::undo),
    url(Get,  "/cylinders/refill",                 OFFICE,   crate::cylinders::forms::refill_form),
    url(Post, "/cylinders/refill",                 OFFICE,   crate::cylinders::forms::refill),
    url(Get,  "/cylinders/scrap",                  OFFICE,   crate::cylinders::forms::scrap_form),
    url(Post, "/cylinders/scrap",                  OFFICE,   crate::cylinders::forms::scrap),
    url(Get,  "/cylinders/count",                  MANAGERS, crate::cylinders::forms::count_form),
    url(Post, "/cylinders/count",                  MANAGERS, crate::cylinders::forms::count),
    url(Get,  "/routes/{id}/load",                 OFFICE,   crate::cylinders::route_pages::load_form),
    url(Post, "/routes/{id}/load",                 OFFICE,   crate::cylinders::route_pages::load),
    url(Get,  "/routes/{id}/unload",               OFFICE,   crate::cylinders::route_pages::unload_form),
    url(Post, "/routes/{id}/unload",               OFFICE,   crate::cylinders::route_pages::unload),

    url(Get,  "/templates",                        OFFICE,   crate::templates::pages::list),
    url(Post, "/templates",                        OFFICE,   crate::templates::edit::create),
    url(Get,  "/templates/new",                    OFFICE,   crate::templates::edit::new),
    url(Get,  "/templates/preview",                OFFICE,   crate::templates::edit::preview),
    url(Post, "/templates/run",                    OFFICE,   crate::templates::pages::run),
    url(Get,  "/templates/{id}",                   OFFICE,   crate::templates::pages::show),
    url(Post, "/templates/{id}",                   OFFICE,   crate::templates::edit::save),
    url(Post, "/templates/{id}/use",               OFFICE,   crate::templates::by_hand::use_now),
    url(Post, "/templates/{id}/stop",              OFFICE,   crate::templates::edit::stop),
    url(Post, "/templates/{id}/restart",           OFFICE,   crate::templates::edit::restart),
    url(Post, "/templates/{id}/seen",              OFFICE,   crate::templates::edit::seen),

    url(Get,  "/products",                         READERS,  crate::products::pages::list),
    url(Post, "/products",                         MANAGERS, crate::products::product_pages::create),
    url(Get,  "/products/new",                     MANAGERS, crate::products::product_pages::new),
    url(Get,  "/products/prices",                  MANAGERS, crate::products::pages::form),
    url(Post, "/products/prices",                  MANAGERS, crate::products::pages::save),
    url(Get,  "/products/prices/preview",          MANAGERS, crate::products::pages::preview),
    url(Post, "/products/prices/withdraw",         MANAGERS, crate::products::pages::withdraw),
    url(Get,  "/products/{id}",                    READERS,  crate::products::product_pages::show),
    url(Post, "/products/{id}",                    MANAGERS, crate::products::product_pages::edit),
    url(Get,  "/vehicles",                         READERS,  crate::vehicles::pages::list),
    url(Post, "/vehicles",                         MANAGERS, crate::vehicles::pages::create),
    url(Get,  "/vehicles/new",                     MANAGERS, crate::vehicles::pages::new),
    url(Get,  "/vehicles/{id}",                    READERS,  crate::vehicles::pages::show),
    url(Post, "/vehicles/{id}",                    MANAGERS, crate::vehicles::pages::edit),
    url(Get,  "/drivers",                          READERS,  crate::drivers::pages::list),
    url(Get,  "/drivers/{id}",                     READERS,  crate::drivers::pages::show),
    url(Post, "/drivers/{id}",                     OFFICE,   crate::drivers::pages::edit),
    url(Get,  "/areas",                            READERS,  crate::customers::areas::list),
    url(Post, "/areas/{id}/rename",                MANAGERS, crate::customers::areas::rename),
    url(Post, "/areas/{id}/merge",                 MANAGERS, crate::customers::areas::merge),
    url(Get,  "/data/export/customers.csv",        MANAGERS, crate::customers::pages::export),

    url(Get,  "/orders",                           READERS,  crate::orders::list::show),
    url(Post, "/orders",                           OFFICE,   crate::orders::new::create),
    url(Get,  "/orders.csv",                       OFFICE,   crate::orders::lists::pages::export),
    url(Get,  "/orders/lists",                     OFFICE,   crate::orders::lists::pages::list),
    url(Post, "/orders/lists",                     OFFICE,   crate::orders::lists::pages::upload),
    url(Get,  "/orders/lists/template.csv",        OFFICE,   crate::orders::lists::pages::template),
    url(Get,  "/orders/lists/pending",             OFFICE,   crate::orders::lists::pages::pending),
    url(Post, "/orders/lists/pending/confirm",     OFFICE,   crate::orders::lists::pages::confirm),
    url(Post, "/orders/lists/pending/drop",        OFFICE,   crate::orders::lists::pages::drop_pending),
    url(Get,  "/orders/lists/pending/problems.csv", OFFICE,  crate::orders::lists::pages::pending_problems),
    url(Get,  "/orders/lists/{id}",                OFFICE,   crate::orders::lists::pages::show),
    url(Get,  "/orders/lists/{id}/problems.csv",   OFFICE,   crate::orders::lists::pages::problems),
    url(Get,  "/orders/lists/{id}/take-back",      OFFICE,   crate::orders::lists::pages::take_back_form),
    url(Post, "/orders/lists/{id}/take-back",      OFFICE,   crate::orders::lists::pages::take_back),
    url(Get,  "/orders/new",                       OFFICE,   crate::orders::new::new),
    url(Get,  "/orders/draft",                     OFFICE,   crate::orders::new::draft),
    url(Post, "/orders/undo",                      OFFICE,   crate::orders::undo::post),
    url(Post, "/orders/filters",                   READERS,  crate::orders::list::keep),
    url(Post, "/orders/filters/{id}/remove",       READERS,  crate::orders::list::remove),
    url(Get,  "/orders/{id}",                      READERS,  crate::orders::pages::show),
    url(Get,  "/orders/{id}/edit",                 OFFICE,   crate::orders::edit::edit),
    url(Post, "/orders/{id}/edit",                 OFFICE,   crate::orders::edit::save),
    url(Get,  "/orders/{id}/cancel",               OFFICE,   crate::orders::pages::cancel_form),
    url(Post, "/orders/{id}/cancel",               OFFICE,   crate::orders::pages::cancel),
    url(Post, "/orders/{id}/confirm",              OFFICE,   crate::orders::pages::confirm),
    url(Post, "/orders/{id}/assign",               OFFICE,   crate::orders::pages::assign),
    url(Post, "/orders/{id}/unassign",             OFFICE,   crate::orders::pages::unassign),
    url(Post, "/orders/{id}/start",                MANAGERS, crate::orders::pages::start),
    url(Post, "/orders/{id}/deliver",              MANAGERS, crate::orders::pages::deliver),
    url(Post, "/orders/{id}/fail",                 MANAGERS, crate::orders::pages::fail),
    url(Post, "/orders/{id}/copy",                 OFFICE,   crate::orders::pages::copy),

    url(Get,  "/orders/{id}/slip",                 READERS,  crate::papers::pages::slip),
    url(Get,  "/routes",                           READERS,  crate::routes::pages::list),
    url(Post, "/routes",                           OFFICE,   crate::routes::pages::create),
    url(Get,  "/routes/{id}",                      READERS,  crate::routes::pages::show),
    url(Get,  "/routes/{id}/edit",                 OFFICE,   crate::routes::edit::edit),
    url(Post, "/routes/{id}/edit",                 OFFICE,   crate::routes::edit::save),
    url(Post, "/routes/{id}/driver",               OFFICE,   crate::routes::pages::give),
    url(Post, "/routes/{id}/publish",              OFFICE,   crate::routes::pages::publish),
    url(Post, "/routes/{id}/start",                MANAGERS, crate::routes::pages::start),
    url(Post, "/routes/{id}/complete",             MANAGERS, crate::routes::pages::complete),
    url(Post, "/routes/{id}/reopen",               MANAGERS, crate::routes::pages::reopen),
    url(Post, "/routes/{id}/cancel",               OFFICE,   crate::routes::pages::cancel),
    url(Post, "/routes/{id}/order",                OFFICE,   crate::routes::pages::order),
    url(Post, "/routes/{id}/suggest",              OFFICE,   crate::routes::pages::suggest),
    url(Post, "/stops/{id}/remove",                OFFICE,   crate::routes::pages::remove),
    url(Post, "/stops/{id}/move",                  OFFICE,   crate::routes::pages::move_stop),
    url(Get,  "/routes/{id}/sheet",                READERS,  crate::papers::pages::sheet),
    url(Get,  "/routes/{id}/loading",              READERS,  crate::papers::pages::loading),
    url(Get,  "/routes/{id}/slips",                READERS,  crate::papers::pages::slips),
    url(Get,  "/board",                            READERS,  crate::board::pages::show),
    url(Get,  "/board/wall",                       READERS,  crate::board::pages::wall),
    url(Post, "/board/assign",                     OFFICE,   crate::board::acts::assign),
    url(Post, "/board/area",                       OFFICE,   crate::board::acts::area),
    url(Post, "/board/unassign",                   OFFICE,   crate::board::acts::unassign),
    url(Post, "/board/order",                      OFFICE,   crate::board::acts::order),
    url(Post, "/board/suggest",                    OFFICE,   crate::board::acts::suggest),
    url(Post, "/board/publish",                    OFFICE,   crate::board::acts::publish),
    url(Get,  "/board/sheets",                     READERS,  crate::papers::pages::sheets),
    url(Post, "/papers/printed",                   READERS,  crate::papers::pages::printed),
    url(Get,  "/conflicts",                        OFFICE,   crate::stops::conflicts::list),
    url(Post, "/conflicts/{id}/settle",            OFFICE,   crate::stops::conflicts::settle),
    url(Post, "/driver/photos",                    ON_THE_WAY, crate::stops::api::keep_photo),
    url(Get,  "/photos/{sha}",                     ALL,      crate::stops::api::photo),
    url(Get,  "/emergencies",                      READERS,  crate::emergencies::list::show),
    url(Post, "/emergencies",                      OFFICE,   crate::emergencies::form::create),
    url(Get,  "/emergencies/new",                  OFFICE,   crate::emergencies::form::new),
    url(Get,  "/emergencies/strip",                READERS,  crate::emergencies::strip::fragment),
    url(Get,  "/emergencies/{id}",                 READERS,  crate::emergencies::pages::show),
    url(Post, "/emergencies/{id}/assign",          OFFICE,   crate::emergencies::pages::assign),
    url(Post, "/emergencies/{id}/answer",          WHO_GOES, crate::emergencies::pages::answer),
    url(Post, "/emergencies/{id}/seen",            OFFICE,   crate::emergencies::pages::seen),
    url(Post, "/emergencies/{id}/again",           OFFICE,   crate::emergencies::pages::again),
    url(Post, "/emergencies/{id}/edit",            OFFICE,   crate::emergencies::pages::edit),
    url(Post, "/emergencies/{id}/ordinary",        OFFICE,   crate::emergencies::pages::ordinary),
    url(Post, "/emergencies/{id}/close",           OFFICE,   crate::emergencies::pages::close),

    url(Get,  "/due",                              READERS,  crate::due::pages::show),
    url(Get,  "/due/count",                        READERS,  crate::due::pages::count),
    url(Post, "/due/{id}/order",                   OFFICE,   crate::due::pages::order),
    url(Post, "/due/{id}/skip",                    OFFICE,   crate::due::pages::skip),
    url(Get,  "/due/alarms",                       OFFICE,   crate::due::alarm_pages::form),
    url(Post, "/due/alarms",                       OFFICE,   crate::due::alarm_pages::record),

    url(Get,  "/driver",                           DRIVERS,  crate::phone::pages::ways),
    url(Get,  "/driver/emergency",                 DRIVERS,  crate::emergencies::driver_pages::show),
    url(Post, "/driver/emergency",                 DRIVERS,  crate::emergencies::driver_pages::help),
    url(Get,  "/driver/day",                       DRIVERS,  crate::phone::pages::day),
    url(Get,  "/driver/routes/{id}",               DRIVERS,  crate::phone::pages::route),
    url(Post, "/driver/routes/{id}/start",         DRIVERS,  crate::phone::acts::start),
    url(Post, "/driver/routes/{id}/finish",        DRIVERS,  crate::phone::acts::finish),
    url(Get,  "/driver/stops/{id}",                DRIVERS,  crate::phone::pages::stop),
    url(Get,  "/driver/stops/{id}/due",            DRIVERS,  crate::phone::acts::due),
    url(Post, "/driver/stops/{id}/arrive",         DRIVERS,  crate::phone::acts::arrive),
    url(Post, "/driver/stops/{id}/complete",       DRIVERS,  crate::phone::acts::complete),
    url(Get,  "/driver/stops/{id}/fail",           DRIVERS,  crate::phone::pages::fail_form),
    url(Post, "/driver/stops/{id}/fail",           DRIVERS,  crate::phone::acts::fail),
    url(Post, "/driver/stops/{id}/undo",           DRIVERS,  crate::phone::acts::undo),

    url(Get,  "/customers/{id}/deliveries",        READERS,  crate::deliveries::pages::of_customer),
    url(Get,  "/",                                 ALL,      crate::reports::home::show),
    url(Get,  "/reports/month",                    READERS,  crate::reports::pages::month),
    url(Get,  "/reports/month.csv",                READERS,  crate::reports::pages::month_csv),
    url(Get,  "/deliveries",                       READERS,  crate::deliveries::pages::on_day),

    url(Get,  "/imports",                          MANAGERS, crate::imports::pages::list),
    url(Post, "/imports",                          MANAGERS, crate::imports::pages::upload),
    url(Get,  "/imports/pending",                  MANAGERS, crate::imports::pages::pending),
    url(Post, "/imports/pending/confirm",          MANAGERS, crate::imports::pages::confirm),
    url(Post, "/imports/pending/drop",             MANAGERS, crate::imports::pages::drop_pending),
    url(Get,  "/imports/pending/problems.csv",     MANAGERS, crate::imports::pages::pending_problems),
    url(Get,  "/imports/{id}",                     MANAGERS, crate::imports::pages::show),
    url(Get,  "/imports/{id}/problems.csv",        MANAGERS, crate::imports::pages::problems),
    url(Get,  "/imports/{id}/take-back",           MANAGERS, crate::imports::pages::take_back_form),
    url(Post, "/imports/{id}/take-back",           MANAGERS, crate::imports::pages::take_back),

    url(Get,  "/backups/places",                   ADMIN,    crate::backups::places::pages::list),
    url(Post, "/backups/places",                   ADMIN,    crate::backups::places::pages::add),
    url(Post, "/backups/places/bring",             ADMIN,    crate::backups::places::pages::bring),
    url(Post, "/backups/places/{id}/remove",       ADMIN,    crate::backups::places::pages::remove),
    url(Get,  "/backups/key",                      ADMIN,    crate::backups::key_pages::show),
    url(Post, "/backups/key",                      ADMIN,    crate::backups::key_pages::save),
    url(Get,  "/backups/key/print",                ADMIN,    crate::backups::key_pages::print),

    url(Get,  "/data",                             MANAGERS, crate::health::hub::show),
    url(Get,  "/data/health",                      ADMIN,    crate::health::pages::show),
    url(Get,  "/data/support",                     ADMIN,    crate::health::pages::support),
    url(Get,  "/data/export/deliveries.csv",       MANAGERS, crate::deliveries::pages::export),
    url(Get,  "/data/jobs",                        MANAGERS, crate::jobs::run_pages::list),
    url(Get,  "/data/jobs/{name}",                 MANAGERS, crate::jobs::run_pages::show),
    url(Post, "/jobs/{name}/run",                  MANAGERS, crate::jobs::run_pages::run),

    url(Get,  "/backups",                          ADMIN,    crate::backups::pages::list),
    url(Post, "/backups",                          ADMIN,    crate::backups::pages::make_now),
    url(Get,  "/backups/progress",                 ADMIN,    crate::backups::pages::progress),
    url(Get,  "/backups/card",                     ADMIN,    crate::backups::pages::card),
    url(Get,  "/backups/settings",                 ADMIN,    crate::backups::settings_pages::form),
    url(Post, "/backups/settings",                 ADMIN,    crate::backups::settings_pages::save),
    url(Get,  "/api/v1/backups",                   ADMIN,    crate::backups::api::list),
    url(Post, "/api/v1/backups",                   ADMIN,    crate::backups::api::make),
    url(Get,  "/audit",                            ADMIN,    crate::audit::pages::list),
    url(Get,  "/audit/{id}",                       ADMIN,    crate::audit::pages::show),
    url(Post, "/backups/practice",                 MANAGERS, crate::visits::pages::practice),
    url(Get,  "/backups/upload",                   ADMIN,    crate::backups::in_and_out::upload_form),
    url(Post, "/backups/upload",                   ADMIN,    crate::backups::in_and_out::upload),
    url(Get,  "/backups/{name}/file",              ADMIN,    crate::backups::in_and_out::download),
    url(Get,  "/backups/{name}",                   ADMIN,    crate::backups::pages::show),
    url(Post, "/backups/{name}/verify",            ADMIN,    crate::backups::pages::verify),
    url(Post, "/backups/{name}/look",              MANAGERS, crate::visits::pages::look),
    url(Get,  "/visits/{kind}",                    MANAGERS, crate::visits::pages::door),
    url(Post, "/visits/close",                     MANAGERS, crate::visits::pages::close),
    url(Get,  "/enter",                            Anybody,  crate::visits::pages::enter),

    url(Get,  "/api/v1/customers",                 READERS,  crate::customers::api::list),
    url(Post, "/api/v1/customers",                 OFFICE,   crate::customers::api::create),
    url(Get,  "/api/v1/customers/{id}",            READERS,  crate::customers::api::one),
    url(Patch,"/api/v1/customers/{id}",            OFFICE,   crate::customers::api::update),
    url(Get,  "/api/v1/customers/{id}/deliveries", READERS,  crate::deliveries::api::of_customer),
    url(Get,  "/api/v1/due",                       READERS,  crate::due::api::list),
    url(Post, "/api/v1/due/{customer_id}/order",   OFFICE,   crate::due::api::order),
    url(Post, "/api/v1/due/{customer_id}/skip",    OFFICE,   crate::due::api::skip),
    url(Get,  "/api/v1/alarms",                    READERS,  crate::due::api::alarms),
    url(Post, "/api/v1/alarms",                    OFFICE,   crate::due::api::record_alarm),
    url(Get,  "/api/v1/deliveries",                READERS,  crate::deliveries::api::on_day),
    url(Get,  "/api/v1/orders",                    ALL,      crate::orders::api::list),
    url(Post, "/api/v1/orders",                    OFFICE,   crate::orders::api::create),
    url(Get,  "/api/v1/orders/{id}",               ALL,      crate::orders::api::one),
    url(Patch,"/api/v1/orders/{id}",               OFFICE,   crate::orders::api::update),
    url(Get,  "/api/v1/orders/{id}/history",       ALL,      crate::orders::api::history),
    url(Post, "/api/v1/orders/{id}/confirm",       OFFICE,   crate::orders::api::confirm),
    url(Post, "/api/v1/orders/{id}/assign",        OFFICE,   crate::orders::api::assign),
    url(Post, "/api/v1/orders/{id}/unassign",      OFFICE,   crate::orders::api::unassign),
    url(Post, "/api/v1/orders/{id}/start",         ON_THE_WAY, crate::orders::api::start),
    url(Post, "/api/v1/orders/{id}/deliver",       ON_THE_WAY, crate::orders::api::deliver),
    url(Post, "/api/v1/orders/{id}/fail",          ON_THE_WAY, crate::orders::api::fail),
    url(Post, "/api/v1/orders/{id}/cancel",        OFFICE,   crate::orders::api::cancel),
    url(Post, "/api/v1/orders/{id}/copy",          OFFICE,   crate::orders::api::copy),
    url(Get,  "/api/v1/driver/routes",             DRIVERS,  crate::stops::api::routes),
    url(Post, "/api/v1/driver/acts",               ON_THE_WAY, crate::stops::api::acts),
    url(Post, "/api/v1/photos",                    ON_THE_WAY, crate::stops::api::keep_photo),
    url(Post, "/api/v1/stops/{id}/arrive",         ON_THE_WAY, crate::stops::api::act),
    url(Post, "/api/v1/stops/{id}/complete",       ON_THE_WAY, crate::stops::api::act),
    url(Post, "/api/v1/stops/{id}/fail",           ON_THE_WAY, crate::stops::api::act),
    url(Post, "/api/v1/stops/{id}/undo",           ON_THE_WAY, crate::stops::api::act),
    url(Get,  "/api/v1/emergencies",               ALL,      crate::emergencies::api::list),
    url(Post, "/api/v1/emergencies",               WHO_GOES, crate::emergencies::api::create),
    url(Get,  "/api/v1/emergencies/{id}",          ALL,      crate::emergencies::api::one),
    url(Post, "/api/v1/emergencies/{id}/assign",   OFFICE,   crate::emergencies::api::assign),
    url(Post, "/api/v1/emergencies/{id}/answer",   WHO_GOES, crate::emergencies::api::answer),
    url(Post, "/api/v1/emergencies/{id}/seen",     OFFICE,   crate::emergencies::api::seen),
    url(Post, "/api/v1/emergencies/{id}/close",    WHO_GOES, crate::emergencies::api::close),
    url(Get,  "/api/v1/templates",                 OFFICE,   crate::templates::api::list),
    url(Post, "/api/v1/templates",                 OFFICE,   crate::templates::api::create),
    url(Post, "/api/v1/templates/run",             OFFICE,   crate::templates::api::run),
    url(Get,  "/api/v1/templates/{id}",            OFFICE,   crate::templates::api::one),
    url(Patch,"/api/v1/templates/{id}",            OFFICE,   crate::templates::api::update),
    url(Post, "/api/v1/templates/{id}/use",        OFFICE,   crate::templates::api::use_now),
    url(Post, "/api/v1/templates/{id}/stop",       OFFICE,   crate::templates::api::stop),
    url(Get,  "/api/v1/products",                  READERS,  crate::products::api::list),
    url(Post, "/api/v1/products",                  MANAGERS, crate::products::api::create),
    url(Get,  "/api/v1/products/{id}",             READERS,  crate::products::api::one),
    url(Patch,"/api/v1/products/{id}",             MANAGERS, crate::products::api::update),
    url(Get,  "/api/v1/prices",                    READERS,  crate::products::api::prices_on),
    url(Post, "/api/v1/prices",                    MANAGERS, crate::products::api::set_price),
    url(Get,  "/api/v1/cylinders/balances",        READERS,  crate::cylinders::api::balances),
    url(Get,  "/api/v1/cylinders/movements",       READERS,  crate::cylinders::api::movements),
    url(Post, "/api/v1/cylinders/movements",       OFFICE,   crate::cylinders::api::record),
    url(Get,  "/api/v1/customers/{id}/meters",     READERS,  crate::meters::api::of_customer),
    url(Get,  "/api/v1/meters/{id}/readings",      READERS,  crate::meters::api::readings),
    url(Post, "/api/v1/meters/{id}/readings",      OFFICE,   crate::meters::api::record),
    url(Get,  "/api/v1/payments",                  READERS,  crate::payments::api::list),
    url(Get,  "/api/v1/vehicles",                  READERS,  crate::vehicles::api::list),
    url(Post, "/api/v1/vehicles",                  MANAGERS, crate::vehicles::api::create),
    url(Get,  "/api/v1/vehicles/{id}",             READERS,  crate::vehicles::api::one),
    url(Patch,"/api/v1/vehicles/{id}",             MANAGERS, crate::vehicles::api::update),
    url(Get,  "/api/v1/routes",                    ALL,      crate::routes::api::list),
    url(Post, "/api/v1/routes",                    OFFICE,   crate::routes::api::create),
    url(Get,  "/api/v1/routes/{id}",               ALL,      crate::routes::api::one),
    url(Patch,"/api/v1/routes/{id}",               OFFICE,   crate::routes::api::update),
    url(Get,  "/api/v1/routes/{id}/stops",         ALL,      crate::routes::api::stops),
    url(Post, "/api/v1/routes/{id}/stops",         OFFICE,   crate::routes::api::put),
    url(Post, "/api/v1/routes/{id}/order",         OFFICE,   crate::routes::api::order),
    url(Post, "/api/v1/routes/{id}/suggest",       OFFICE,   crate::routes::api::suggest),
    url(Post, "/api/v1/routes/{id}/publish",       OFFICE,   crate::routes::api::publish),
    url(Post, "/api/v1/routes/{id}/start",         ON_THE_WAY, crate::routes::api::start),
    url(Post, "/api/v1/routes/{id}/complete",      ON_THE_WAY, crate::routes::api::complete),
    url(Post, "/api/v1/routes/{id}/reopen",        MANAGERS, crate::routes::api::reopen),
    url(Post, "/api/v1/routes/{id}/cancel",        OFFICE,   crate::routes::api::cancel),
    url(Get,  "/api/v1/stops/{id}",                ALL,      crate::routes::api::stop),
    url(Post, "/api/v1/stops/{id}/remove",         OFFICE,   crate::routes::api::remove),
    url(Post, "/api/v1/stops/{id}/move",           OFFICE,   crate::routes::api::move_stop),
    url(Get,  "/api/v1/drivers",                   READERS,  crate::drivers::api::list),
    url(Get,  "/api/v1/drivers/{id}",              READERS,  crate::drivers::api::one),
    url(Patch,"/api/v1/drivers/{id}",              OFFICE,   crate::drivers::api::update),
    url(Post, "/api/v1/imports",                   MANAGERS, crate::imports::api::create),
    url(Get,  "/api/v1/imports",                   MANAGERS, crate::imports::api::list),
    url(Get,  "/api/v1/imports/{id}",              MANAGERS, crate::imports::api::one),
    url(Get,  "/api/v1/reports/monthly",           READERS,  crate::reports::api::monthly),
    url(Get,  "/api/v1/events",                    ALL,      crate::live::pages::stream),
    url(Get,  "/api/v1/events/since",              ALL,      crate::live::pages::since),
    url(Get,  "/api/v1/openapi.json",              Anybody,  crate::reports::api::openapi),
];

/// What answers while nobody has an account, by the first part of its address.
const BEFORE_THE_FIRST_USER: &[&str] = &["health", "metrics", "assets", "setup", "restoring"];

/// What somebody with a first password may still reach.
const WITH_A_FIRST_PASSWORD: &[&str] = &["/me/password", "/sign-out", "/api/v1/auth/me", "/api/v1/auth/password", "/api/v1/auth/logout"];

/// What may be sent while nothing can be stored: coming and going, letting go of what only memory and the folder of
/// uploads hold, and the way out where the file itself is damaged.
const WHILE_READ_ONLY: &[&str] = &[
    "/sign-in",
    "/sign-out",
    "/api/v1/auth/login",
    "/api/v1/auth/logout",
    "/imports/pending/drop",
    "/orders/lists/pending/drop",
    "/visits/close",
    "/backups/places/bring",
    "/backups/restore",
    "/backups/{name}/restore",
];

/// Where files come in, a multipart form, and how large it may be: a shop's largest workbook and then some, a list of
/// orders or a picture in its form.
const UPLOADS: &[(&str, u64)] = &[
    ("/imports", 256 << 20),
    ("/api/v1/imports", 256 << 20),
    ("/backups/upload", crate::backups::in_and_out::MOST_BYTES + (64 << 10)),
    ("/setup/restore", crate::backups::in_and_out::MOST_BYTES + (64 << 10)),
    ("/orders/lists", crate::orders::lists::MOST_BYTES + (64 << 10)),
    ("/driver/photos", PICTURE_FORM),
    ("/api/v1/photos", PICTURE_FORM),
    ("/driver/stops/{id}/complete", PICTURE_FORM),
    ("/driver/stops/{id}/fail", PICTURE_FORM),
];

const PICTURE_FORM: u64 = crate::stops::photos::MOST_BYTES + (64 << 10);

/// How much body the door lets in with `head`: files only from somebody who may send them there, so that
/// nobody else fills the disk. `None` is the usual form.
pub fn room(app: &App, head: &Head) -> Result<Option<Room>, Refusal> {
    let segments: Vec<String> = head.path().split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let known = UPLOADS.iter().copied().find(|(known, _)| head.method == Post && matches(known, &segments).is_some());
    let Some((path, most)) = known else { return Ok(None) };
    // With script the picture has gone before, and the form is a usual one.
    let is_usual = || !head.header("content-type").is_some_and(|kind| kind.starts_with("multipart/"));
    if (path.starts_with("/driver/stops/") || path == "/setup/restore") && is_usual() {
        return Ok(None);
    }
    let broken = |_| Refusal::new(500, "the sender of files could not be looked up");
    let mut req = head.request(app.now()).ok_or_else(|| Refusal::new(400, "the target cannot be decoded"))?;
    visits::own_cookies(app, &mut req);
    if path == "/setup/restore" {
        return room_before_the_first_user(app, &req, head.length).map(|()| Some(Room::File(most)));
    }
    let session = match session::token_of(&req) {
        Some(token) => unstored::find(app, token, req.at).map_err(broken)?,
        None => None,
    };
    let session = session.ok_or_else(|| Refusal::new(401, "files from somebody who is not signed in"))?;
    match URLS.iter().find(|url| url.method == Post && url.pattern == path).map(|url| url.who) {
        Some(Roles(roles)) if roles.contains(&session.role) && !session.must_change_password => {
            check_room(app, head.length)?;
            let is_picture = most == PICTURE_FORM;
            app.limits.take_file(session.user_id, is_picture).map_err(Refusal::too_many)?;
            Ok(Some(Room::File(most)))
        }
        _ => Err(Refusal::new(403, "files from somebody who may not send any")),
    }
}

/// While nobody has an account, a backup comes in from whoever has the code of the first run, which stands in the address.
fn room_before_the_first_user(app: &App, req: &Request, bytes: u64) -> Result<(), Refusal> {
    if app.has_users().map_err(|_| Refusal::new(500, "the users could not be looked up"))? {
        return Err(Refusal::new(403, "the first run is over"));
    }
    app.setup_code.check(req.query("code").unwrap_or_default(), req.at).map_err(|_| Refusal::new(403, "files without the code"))?;
    check_room(app, bytes)
}

/// Looked at before the first byte is taken: a file of `bytes` lies there twice for a moment, as it came and out of its form.
fn check_room(app: &App, bytes: u64) -> Result<(), Refusal> {
    if let Some(why) = app.db.held() {
        return Err(Refusal::read_only(why));
    }
    match space::room(&app.folder) {
        Some(room) if !room.takes(bytes.saturating_mul(2)) => Err(Refusal::no_room()),
        _ => Ok(()),
    }
}

/// Answers one request completely: nothing gets past here as an `Err`.
pub fn answer(app: &App, mut req: Request) -> Response {
    let started = Instant::now();
    visits::own_cookies(app, &mut req);
    let _in_flight = app.counters.begin();
    let found = find(&mut req);
    let place = found.as_ref().ok().copied();
    let (answer, why) = match route(app, &mut req, found) {
        Ok(answer) => (answer, None),
        Err(error @ (Error::Busy | Error::ReadOnly(_))) => (refusal(app, &req, &error).with("Retry-After", "3"), Some(error)),
        Err(error @ Error::TooMany { wait_s, .. }) => (refusal(app, &req, &error).with("Retry-After", &wait_s.to_string()), Some(error)),
        Err(error) => (refusal(app, &req, &error), Some(error)),
    };
    if why.as_ref().is_some_and(Error::is_damage) {
        app.counters.note_damage(req.at);
    }
    app.counters.count_request(place, answer.status, started.elapsed());
    note(app, &req, answer.status, started, why);
    let answer = protect(visits::mark_cookies(app, answer));
    // Open pages ask until it is no longer so.
    if app.db.is_held() { answer.with("X-Read-Only", "1") } else { answer }
}

/// One line a request. What a person typed is in the query and the form, and stays out.
fn note(app: &App, req: &Request, status: u16, started: Instant, why: Option<Error>) {
    let level = if 500 <= status { log::Level::Warn } else { log::Level::Debug };
    if !log::log_enabled!(level) {
        return;
    }
    let user = req.session.as_ref().map_or("-".to_owned(), |session| session.user_id.to_string());
    let why = why.map(|error| format!(" error=\"{error}\"")).unwrap_or_default();
    let shop = app.visit.as_ref().map(|visit| format!(" shop={}", visit.kind.word())).unwrap_or_default();
    let ms = started.elapsed().as_secs_f64() * 1e3;
    log::log!(level, "request method={} path={} status={status} user={user} ms={ms:.1}{shop}{why}", req.method.word(), req.path);
}

/// The gate in its order: the first run, the address, where the request comes from, who asks, then the handler.
fn route(app: &App, req: &mut Request, found: Result<usize>) -> Result<Response> {
    let is_open = |first: &String| BEFORE_THE_FIRST_USER.contains(&first.as_str());
    if !req.segments.first().is_some_and(is_open) && !app.has_users()? {
        return Err(Error::NotSetUp);
    }
    let url = URLS.get(found?).ok_or(Error::NoPage)?;
    if req.method.changes() {
        gate::check_origin(req)?;
    }
    visits::check(app, req, url.pattern)?;
    if let Some(token) = session::token_of(req).map(str::to_owned) {
        req.session = unstored::find(app, &token, req.at)?;
        req.session = req.session.take().filter(|session| visits::still_knows(app, session));
    }
    if let Some(session) = &req.session {
        app.seen.note(session.user_id, req.at);
        if let Some(token) = session::token_of(req) {
            app.seen.note_session(token, req.peer, req.at);
        }
    }
    if let Roles(roles) = url.who {
        let session = req.session()?;
        if session.must_change_password && !WITH_A_FIRST_PASSWORD.contains(&url.pattern) {
            return Err(Error::PasswordFirst);
        }
        if !roles.contains(&session.role) {
            return Err(Error::Forbidden);
        }
        if req.method.changes() {
            session::check_csrf(req)?;
        }
    }
    // Said at once, and not after a form has been found fault with.
    if req.method.changes() && !WHILE_READ_ONLY.contains(&url.pattern) {
        app.db.check_held()?;
    }
    (url.answer)(app, req)
}

/// The place of the address of `req` in [`URLS`], with its parameters filled in; `NoPage`, or `Method` when only the method is wrong.
fn find(req: &mut Request) -> Result<usize> {
    let method = if req.method == Method::Head { Get } else { req.method };
    let mut is_known = false;
    for (place, url) in URLS.iter().enumerate() {
        if let Some(params) = matches(url.pattern, &req.segments) {
            if url.method == method {
                req.params = params;
                return Ok(place);
            }
            is_known = true;
        }
    }
    Err(if is_known { Error::Method } else { Error::NoPage })
}

fn matches(pattern: &'static str, segments: &[String]) -> Option<Vec<(&'static str, String)>> {
    let parts = pattern.split('/').filter(|part| !part.is_empty());
    if parts.clone().count() != segments.len() {
        return None;
    }
    let mut params = Vec::new();
    for (part, segment) in parts.zip(segments) {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => params.push((name, segment.clone())),
            None if part == segment => {}
            None => return None,
        }
    }
    Some(params)
}

/// An error as the one who asked can read it.
fn refusal(app: &App, req: &Request, error: &Error) -> Response {
    if req.wants_json() {
        return Response::json_error(error);
    }
    match error {
        // A stream that was sent to a page would only make the browser complain.
        Error::SignedOut if !req.method.changes() && req.header("accept") != Some("text/event-stream") => {
            return Response::see_other(crate::users::pages::sign_in_url(req));
        }
        Error::NotSetUp => return Response::see_other("/setup"),
        Error::PasswordFirst => return Response::see_other("/me/password"),
        _ => {}
    }
    if req.segments.first().is_some_and(|first| first == "driver") && req.session.as_ref().is_some_and(|session| session.role == Driver) {
        return crate::phone::frame::refusal(app, req, error);
    }
    let message = error.user_message();
    let page = ui::Page::new(app, req, "不行");
    let main = maud::html! {
        div.head { div { h1 { "這一步不行" } } }
        (ui::refuse(&message))
        p.acts {
            @if req.session.is_some() { a.button href="/" { "回今日" } } @else { a.button href="/sign-in" { "登入" } }
        }
    };
    let answer = if req.session.is_some() { page.show(main) } else { page.porch(main) };
    answer.status(error.status())
}

/// Headers every answer carries. Scripts and styles come from our own files only.
pub(crate) fn protect(answer: Response) -> Response {
    const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; manifest-src 'self'; connect-src 'self'; \
                       form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let answer = answer
        .with("Content-Security-Policy", CSP)
        .with("X-Content-Type-Options", "nosniff")
        .with("Referrer-Policy", "same-origin")
        .with("Cross-Origin-Opener-Policy", "same-origin");
    if answer.header("Cache-Control").is_some() { answer } else { answer.with("Cache-Control", "no-store") }
}
