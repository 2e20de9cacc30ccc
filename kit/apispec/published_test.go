package apispec_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/plinth/kit/apispec"
)

// written is a contract with all parts that differ between published requests and responses.
const written = `openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    parameters:
      - {name: state, in: query, schema: {$ref: '#/components/schemas/State'}}
    put:
      operationId: putOrder
      parameters:
        - {name: sort, in: query, schema: {type: string, enum: [asc, desc]}}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
      responses:
        "200":
          description: Done.
          headers:
            X-Color: {schema: {type: string, enum: &colors [red, green]}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
        default: {$ref: '#/components/responses/Refused'}
components:
  responses:
    Refused:
      description: Refused.
      content: {application/json: {schema: {type: object, additionalProperties: false, properties: {code: {type: string, enum: [a, b]}}}}}
  schemas:
    State: {type: string, enum: [open, paid]}
    Order:
      type: object
      additionalProperties: false
      example: {enum: [a, b], additionalProperties: false}
      properties:
        state: {$ref: '#/components/schemas/State'}
        payment: {$ref: '#/components/schemas/Payment'}
        note: {$ref: '#/components/schemas/Note'}
        enum: {type: string, enum: *colors}
    Payment:
      oneOf: [{$ref: '#/components/schemas/Cash'}]
      discriminator: {propertyName: kind, mapping: {cash: '#/components/schemas/Cash'}}
    Cash:
      type: object
      additionalProperties: {type: string}
      properties:
        kind: {type: string, enum: [cash]}
        currency: {type: string, nullable: true, enum: [EUR, USD, null]}
    Note: {type: string, nullable: true, enum: [gift, null]}
`

const published = `openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    parameters:
      - {name: state, in: query, schema: {$ref: '#/components/schemas/StateInput'}}
    put:
      operationId: putOrder
      parameters:
        - {name: sort, in: query, schema: {type: string, enum: [asc, desc]}}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/OrderInput'}}}
      responses:
        "200":
          description: Done.
          headers:
            X-Color: {schema: {type: string, x-extensible-enum: [red, green]}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
        default: {$ref: '#/components/responses/Refused'}
components:
  responses:
    Refused:
      description: Refused.
      content: {application/json: {schema: {type: object, properties: {code: {type: string, x-extensible-enum: [a, b]}}}}}
  schemas:
    State: {type: string, x-extensible-enum: [open, paid]}
    StateInput: {type: string, enum: [open, paid]}
    Order:
      type: object
      example: {enum: [a, b], additionalProperties: false}
      properties:
        state: {$ref: '#/components/schemas/State'}
        payment: {$ref: '#/components/schemas/Payment'}
        note: {$ref: '#/components/schemas/Note'}
        enum: {type: string, x-extensible-enum: [red, green]}
    OrderInput:
      type: object
      additionalProperties: false
      example: {enum: [a, b], additionalProperties: false}
      properties:
        state: {$ref: '#/components/schemas/StateInput'}
        payment: {$ref: '#/components/schemas/PaymentInput'}
        note: {$ref: '#/components/schemas/Note'}
        enum: {type: string, enum: [red, green]}
    Payment:
      oneOf: [{$ref: '#/components/schemas/Cash'}]
      discriminator: {propertyName: kind, mapping: {cash: '#/components/schemas/Cash'}}
    PaymentInput:
      oneOf: [{$ref: '#/components/schemas/CashInput'}]
      discriminator: {propertyName: kind, mapping: {cash: '#/components/schemas/CashInput'}}
    Cash:
      type: object
      additionalProperties: {type: string}
      properties:
        kind: {type: string, enum: [cash]}
        currency: {type: string, nullable: true, x-extensible-enum: [EUR, USD, null]}
    CashInput:
      type: object
      additionalProperties: {type: string}
      properties:
        kind: {type: string, enum: [cash]}
        currency: {type: string, nullable: true, enum: [EUR, USD, null]}
    Note: {type: string, nullable: true, enum: [gift, null]}
`

func TestOpenResponses(t *testing.T) {
	t.Parallel()
	got, err := apispec.OpenResponses([]byte(written))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(published, string(got)); diff != "" {
		t.Errorf("the published contract (-want +got):\n%s", diff)
	}
	again, err := apispec.OpenResponses(got)
	if err != nil || string(again) != published {
		t.Errorf("opening is not idempotent (%v)", err)
	}
	taken := strings.Replace(written, "    Cash:\n", "    StateInput: {type: string}\n    Cash:\n", 1)
	if _, err := apispec.OpenResponses([]byte(taken)); err == nil || !strings.Contains(err.Error(), "schema StateInput") {
		t.Errorf("a name that is taken: %v", err)
	}
}
