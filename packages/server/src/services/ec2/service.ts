import * as sdk from "@aws-sdk/client-ec2";
import { ec2QueryProtocol } from "../../aws/ec2-query/protocol.ts";
import { notImplemented } from "../../aws/not-implemented.ts";
import { type AwsService, defineService } from "../../aws/service.ts";
import { Networks } from "../../store/networks.ts";
import { errorStatus } from "./faults.ts";
import type { Ec2Backend, Ec2Call } from "./operation.ts";
import { operations } from "./operations.ts";

/**
 * What of EC2 it takes to choose the network of a cache: VPCs, subnets, security groups. Importing
 * this file loads EC2's SDK, some 90 MB: import it when it is asked for.
 */
export function createEc2Service(backend: Ec2Backend): AwsService {
  return defineService({
    name: "ec2",
    version: "2016-11-15",
    xmlNamespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    protocol: ec2QueryProtocol,
    sdk,
    operations,
    otherwise: notImplemented("Larder has of EC2 only the networks that caches are placed in"),
    errorStatus,
    context: (call): Ec2Call => ({
      ...call,
      ...{ backend, store: backend.store },
      networks: new Networks(backend.store, backend.vpc, call),
    }),
  });
}
