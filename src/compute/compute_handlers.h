/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMPUTE_HANDLERS_H
#define COMPUTE_HANDLERS_H
/* The handlers that the route table (compute_routes.c) names. Each parses what the dispatcher left
 * to it, calls a service or a store, and renders. */
#include "compute_internal.h"

/* Common to the handlers. */
int compute_request_server(struct ak_request *req, struct ak_tx *tx,
                           struct compute_server *ret_server, struct ak_error *err);
int compute_servers_list(struct ak_request *req, struct ak_reply *reply, bool detail,
                         struct ak_error *err);

ak_handler_fn compute_versions, compute_version;
ak_handler_fn compute_flavors, compute_flavors_detail, compute_flavor_show, compute_flavor_create,
    compute_flavor_remove, compute_flavor_specs_show, compute_flavor_specs_create,
    compute_flavor_spec_show, compute_flavor_spec_update, compute_flavor_spec_remove,
    compute_flavor_access_show, compute_flavor_access_add, compute_flavor_access_remove;
ak_handler_fn compute_keypairs, compute_keypair_show, compute_keypair_create,
    compute_keypair_remove;
ak_handler_fn compute_servers, compute_servers_detail, compute_server_show, compute_server_post,
    compute_server_put, compute_server_delete_one, compute_server_ips, compute_server_ips_network,
    compute_server_interfaces, compute_server_groups, compute_server_volumes;
ak_handler_fn compute_metadata_list, compute_metadata_update, compute_metadata_replace,
    compute_metadata_show, compute_metadata_set, compute_metadata_remove;
ak_handler_fn compute_tags_list, compute_tags_replace, compute_tags_clear, compute_tag_show,
    compute_tag_add, compute_tag_remove;
ak_handler_fn compute_do_start, compute_do_stop, compute_do_reboot, compute_do_pause,
    compute_do_unpause, compute_do_suspend, compute_do_resume, compute_do_lock, compute_do_unlock,
    compute_do_rebuild, compute_do_force_delete, compute_do_reset, compute_do_add_group,
    compute_do_remove_group, compute_do_console_output, compute_do_vnc_console;
ak_handler_fn compute_remote_console, compute_console_connect;
ak_handler_fn compute_groups, compute_group_show, compute_group_create, compute_group_update,
    compute_group_remove;
ak_handler_fn compute_actions, compute_action_show;
ak_handler_fn compute_limits, compute_quota_show, compute_quota_defaults, compute_quota_detail,
    compute_quota_update, compute_quota_remove, compute_quota_class;
ak_handler_fn compute_hypervisors, compute_hypervisors_detail, compute_hypervisor_show,
    compute_hypervisor_statistics, compute_services, compute_service_enable,
    compute_service_disable, compute_service_disable_reason, compute_zones, compute_zones_detail,
    compute_extensions, compute_extension_show;

#endif
