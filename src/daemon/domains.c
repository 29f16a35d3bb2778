/* SPDX-License-Identifier: Apache-2.0 */
/* The one list of domains: to add a domain, add its line here. */
#include "daemon/daemon.h"

#include "access/access.h"
#include "compute/compute.h"
#include "identity/identity.h"
#include "image/image.h"
#include "incident/incident.h"
#include "network/network.h"
#include "request/request.h"
#include "protect/protect.h"
#include "notice/notice.h"
#include "service/service.h"

/* clang-format off */ /* a line each */
const struct ak_domain *const ak_domains[] = {
    &identity_domain,
    &identity_service_domain,
    &access_domain,
    &image_domain,
    &network_domain,
    &compute_domain,
    &service_domain,
    &service_contract_domain,
    &request_domain,
    &incident_domain,
    &protect_domain,
    &notice_domain,
    NULL,
};
