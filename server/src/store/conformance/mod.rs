//! What every store must do, whatever its database: the same tests run against each backend.

mod by_hand;
mod capacity;
mod carried;
mod chain;
mod claims;
mod devices;
mod events;
mod harness;
mod journals;
mod leases;
mod operators;
mod proof;
mod reissues;
mod renewals;
mod restores;
mod rules;
mod search;
mod tails;
mod tickets;
mod tokens;
mod unpaid;

pub(crate) use by_hand::*;
pub(crate) use capacity::*;
pub(crate) use carried::*;
pub(crate) use chain::*;
pub(crate) use claims::*;
pub(crate) use devices::*;
pub(crate) use events::*;
pub(crate) use harness::{Backend, Harness, everywhere};
pub(crate) use journals::*;
pub(crate) use leases::*;
pub(crate) use operators::*;
pub(crate) use proof::*;
pub(crate) use reissues::*;
pub(crate) use renewals::*;
pub(crate) use restores::*;
pub(crate) use rules::*;
pub(crate) use search::*;
pub(crate) use tails::*;
pub(crate) use tickets::*;
pub(crate) use tokens::*;
pub(crate) use unpaid::*;

/// Runs every test of the suite against a backend.
macro_rules! suite {
    ($backend:ty: $($name:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let harness = $crate::store::conformance::Harness::new(<$backend>::default());
                $crate::store::conformance::$name(&harness).await;
            }
        )*
    };
    ($backend:ty) => {
        $crate::store::conformance::suite! { $backend:
            events_are_made_whole_or_refused
            bundles_rise_with_changes_and_with_age
            rules_are_set_whole_or_refused
            operators_sign_in_with_the_pin_they_were_given
            claims_and_conflicts_follow_the_rules
            jobs_issue_each_row_once
            static_and_clock_tickets_show_what_a_gate_admits
            chains_are_replaced_where_they_do_not_reach
            a_rotated_key_leaves_issued_tickets_as_they_are
            void_and_reissue_withdraw_codes
            marks_are_recorded_once_and_told
            tickets_are_unpaid_from_their_issue_on
            a_hundred_thousand_unpaid_tickets_are_a_hundred_entries
            renewed_tickets_keep_their_code
            tickets_renew_all_or_none
            renewing_is_settled_before_tickets_are_issued
            rows_of_one_chunk_may_have_dates_of_their_own
            a_clock_display_gets_its_next_chain_in_time
            holders_are_read_only_on_record
            tickets_are_found_by_name_or_number
            searches_need_the_events_leave_and_are_on_record
            enrolment_trades_a_code_once
            revoked_devices_may_only_deliver
            found_devices_are_taken_in
            of_simultaneous_claims_as_many_are_granted_as_allowed
            as_many_are_granted_as_fit
            claims_are_idempotent_and_abandonable
            guests_are_let_in_by_hand_as_the_rules_say
            impossible_claims_leave_no_trace_in_the_ledger
            journals_are_taken_in_once_and_forks_are_kept
            conflicts_name_both_sides
            entries_of_revoked_devices_are_set_apart
            what_nobody_delivered_is_named
            an_end_that_differs_is_a_fork
            ends_are_passed_on_by_other_devices
            leased_rights_have_one_authority
            leased_room_counts_as_full
            tickets_show_the_lane_that_holds_them
            a_right_that_the_hub_fetched_is_held_there
            a_right_that_goes_to_nobody_known_is_lost
            a_hub_that_says_it_received_what_it_did_not_is_found
            a_chain_that_was_lost_or_carried_by_hand_ends_at_the_server
            carried_journals_are_judged_like_uploads
            carried_forks_keep_both_versions
            carried_journals_of_lost_devices_are_kept
            carried_transfers_give_leases_back
            a_restored_server_gets_back_what_it_lost
            journals_may_come_before_what_they_are_about
            a_transfer_may_come_before_its_lease
            a_silent_rollback_is_proved_by_what_was_signed
            what_followed_a_gap_comes_back_and_leaves_it
            a_reissue_that_was_got_back_is_followed_by_the_next
            the_feed_adds_up_to_the_same_state
            watchers_hear_of_every_commit
            operations_leave_their_audit_row
            tokens_work_until_they_end
            a_reopened_store_goes_on
            two_programs_see_each_other
        }
    };
}
pub(crate) use suite;
