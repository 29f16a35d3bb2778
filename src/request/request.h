/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AK_REQUEST_H
#define AK_REQUEST_H
/* Requests (申請): what customers ask their provider for, who decides, and what is then done. Asked
 * by HTTP only. */
#include "http/http.h"

extern const struct ak_domain request_domain;
/* Open requests of a customer, and those that wait for an answer of his. */
struct service_overview_part;
extern const struct service_overview_part request_overview;

#endif
