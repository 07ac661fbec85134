//! Long stories through the API alone, under a business date of their own.

mod a_campaign;
mod a_street_is_recalculated;
mod acts_and_prices;
mod life_of_an_account;
mod month_of_a_city;
mod objects_of_a_contract;
mod office;
mod shared_meter;
mod three_methods_of_a_house;
mod year_of_a_flat;
