/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REQUEST_RUN_H
#define REQUEST_RUN_H
/* Private to src/request: what the kinds' rows name to run and to watch. */
#include "request/request_internal.h"

request_run_fn request_run_server_add, request_run_server_remove, request_run_server_power,
    request_run_server_change, request_run_firewall_change, request_run_user_add,
    request_run_user_remove, request_run_access_restriction, request_run_privilege_grant;
request_watch_fn request_watch_server_add, request_watch_server_remove, request_watch_server_power,
    request_watch_server_change;

request_prepare_fn request_prepare_usage, request_prepare_log;
request_run_fn request_run_disclosure, request_run_console_password, request_run_console_user;
/* A cell of CSV, quoted; 'last' ends the line. */
void request_csv_cell(struct ak_buf *out, const char *text, bool last);

#endif
