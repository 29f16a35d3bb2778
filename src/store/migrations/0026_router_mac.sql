-- SPDX-License-Identifier: Apache-2.0
-- Ports of routers have MAC addresses of their own prefix, by which forged router advertisements are told from theirs
-- (docs/decisions/0120). The reconciler brings the new ones to the fabric.
UPDATE network_port SET mac_address = 'fa:16:3f' || substr(mac_address, 9)
  WHERE device_owner IN ('network:router_interface', 'network:router_gateway');
